// What a page does beyond being read: search, filters, copying, links to places. Every page is whole without it.
"use strict";
(() => {
  const root = document.currentScript.dataset.root;
  const here = document.body;
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  const made = (tag, properties, ...inner) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inner);
    return element;
  };
  const load = (file) => here.append(made("script", { src: `${root}static/${file}.js` }));

  // Places. A place within something folded opens it; one that moved to the page of its stream is followed there.
  const arrive = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const place = name && document.getElementById(name);
    // What was here leads on.
    if (place && place.parentElement.className === "moved") return location.replace(place.querySelector("a").href);
    if (place) {
      for (let at = place; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
      all(":scope > details", place).forEach((one) => (one.open = true));
      return place.scrollIntoView();
    }
    const rows = all("#all-tables tr").filter((row) => {
      const stream = row.id.slice("stream-".length);
      return name.startsWith(`${row.id}-field-`) || name === `table-${stream}` || name.startsWith(`table-${stream}__`);
    });
    const row = rows.sort((a, b) => b.id.length - a.id.length)[0];
    if (row) location.replace(`${row.querySelector("a").href}#${name}`);
  };
  addEventListener("hashchange", arrive);
  arrive();
  all("main :is(section[id] > :is(h1, h2, h3), tr[id] > th)").forEach((title) => {
    const id = title.parentElement.id;
    const link = made("a", { className: "anchor", href: `#${id}` }, "#");
    link.setAttribute("aria-label", `Link to ${title.textContent.trim().split("\n")[0]}`);
    title.querySelector(":scope > code") && title.tagName === "TH"
      ? title.querySelector(":scope > code").after(link)
      : title.append(link);
  });

  // Contents: folded where they stand above the text, and marked as one reads on.
  const contents = document.querySelector("#contents details");
  const wide = matchMedia("(min-width: 64rem)");
  const unfold = () => contents && (contents.open = wide.matches);
  wide.addEventListener("change", unfold);
  unfold();
  all("#contents summary").forEach((one) =>
    one.addEventListener("click", (event) => wide.matches && event.preventDefault())
  );
  const current = document.querySelector('#contents [aria-current="page"]');
  if (current && wide.matches) {
    const box = document.getElementById("contents");
    box.scrollTop = current.offsetTop - box.offsetTop - box.clientHeight / 3;
  }
  const inner = new Map(all('#contents a[href^="#"]').map((link) => [link.hash.slice(1), link]));
  const read = new Set();
  const watch = new IntersectionObserver(
    (seen) => {
      seen.forEach((one) => read[one.isIntersecting ? "add" : "delete"](one.target.id));
      const now = [...inner.keys()].filter((id) => read.has(id)).pop();
      if (!now) return;
      inner.forEach((link) => link.removeAttribute("aria-current"));
      inner.get(now).setAttribute("aria-current", "location");
    },
    { rootMargin: "-15% 0px -75% 0px" }
  );
  inner.forEach((_, id) => document.getElementById(id) && watch.observe(document.getElementById(id)));

  // Copying.
  all("pre").forEach((block) => {
    const text = block.textContent;
    const button = made("button", { type: "button", className: "copy" }, "Copy");
    const say = (word) => {
      button.textContent = word;
      setTimeout(() => (button.textContent = "Copy"), 1500);
    };
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        say("Copied");
      } catch {
        getSelection().selectAllChildren(block.querySelector("code") || block);
        say(document.execCommand("copy") ? "Copied" : "Press Ctrl+C");
      }
    });
    block.append(button);
  });

  // Members of an object are folded below it.
  const folds = [];
  all("tr:not(.member) + tr.member").forEach((first) => {
    const members = [];
    for (let row = first; row && row.classList.contains("member"); row = row.nextElementSibling) members.push(row);
    const button = made("button", { type: "button", className: "fold" });
    const fold = (folded) => {
      members.forEach((row) => (row.hidden = folded));
      button.setAttribute("aria-expanded", String(!folded));
      button.textContent = `${members.length} ${members.length === 1 ? "member" : "members"} ${folded ? "▸" : "▾"}`;
    };
    button.addEventListener("click", () => fold(button.getAttribute("aria-expanded") === "true"));
    first.previousElementSibling.querySelector("th").append(button);
    fold(members.length > 3);
    folds.push(fold);
  });

  // Drawings: of a table that is pointed at, its lines and what they lead to.
  all(".diagram").forEach((drawing) => {
    const boxes = all("a", drawing);
    const caption = drawing.closest("figure")?.querySelector("figcaption");
    if (caption && boxes.length > 8) caption.append(" Point at a table to follow its lines.");
    const lines = all("[data-ends]", drawing).map((line) => [line, line.dataset.ends.split(" ").map(Number)]);
    const choose = (event) => {
      const at = boxes.indexOf(event.target.closest("a"));
      const near = lines.filter(([, ends]) => ends.includes(at));
      drawing.classList.toggle("chosen", near.length > 0);
      lines.forEach(([line]) => line.classList.remove("near"));
      boxes.forEach((box, number) => box.classList.toggle("near", near.some(([, ends]) => ends.includes(number))));
      near.forEach(([line]) => line.classList.add("near"));
    };
    ["pointerover", "focusin"].forEach((kind) => drawing.addEventListener(kind, choose));
    ["pointerleave", "focusout"].forEach((kind) => drawing.addEventListener(kind, () => drawing.classList.remove("chosen")));
  });

  // Filters: of rows by what they say, of connectors by their words.
  all("input.filter").forEach((input) => {
    input.hidden = false;
    const rows = all(input.dataset.rows).map((row) => [row, row.textContent.toLowerCase()]);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      rows.forEach(([row, text]) => (row.hidden = !words.every((word) => text.includes(word))));
    });
  });
  const filters = document.querySelector(".filters");
  if (filters) {
    filters.hidden = false;
    const cards = all(".connectors li").map((card) => {
      const told = card.querySelector("small").textContent.split(" · ");
      return [card, told.concat((card.dataset.login || "").split("|"))];
    });
    const choose = () => {
      const wanted = all("select", filters).map((one) => one.value).filter(Boolean);
      let shown = 0;
      for (const [card, words] of cards) {
        card.hidden = !wanted.every((word) => words.includes(word));
        shown += !card.hidden;
      }
      filters.querySelector(".count").textContent = `${shown} of ${cards.length}`;
      document.querySelector(".nothing").hidden = shown > 0;
    };
    filters.addEventListener("change", choose);
    filters.addEventListener("submit", (event) => event.preventDefault());
    choose();
  }

  // Search. Its index comes as scripts, when it is first needed: they may be read from a file.
  const input = document.getElementById("search");
  if (input) {
    const found = document.getElementById("found");
    let index;
    const asked = new Set();
    const name = (/([^/]+?)(\/[^/]*)?\.html$/.exec(location.pathname.slice(new URL(root || ".", location).pathname.length)) || [])[1];
    window.tapwright = {
      found(given) {
        index = given;
        index.fields = index.fields || {};
        show();
      },
      fields(_, fields) {
        Object.assign(index.fields, fields);
        show();
      },
    };
    const begin = () => {
      if (!asked.has("search")) asked.add("search") && load("search");
    };
    // 0 the same, 1 begins so, 2 a word of it begins so, 3 holds it; nothing otherwise.
    const rank = (text, query) => {
      text = text.toLowerCase();
      const at = text.indexOf(query);
      if (at < 0) return -1;
      if (text === query) return 0;
      if (at === 0) return 1;
      return new RegExp(`[^a-z0-9]${query.replace(/[^a-z0-9]/g, "\\$&")}`).test(text) ? 2 : 3;
    };
    const slug = (text) => text.replace(/[^A-Za-z0-9_-]/g, "-");
    const address = ([connector, table, , stream], field) => {
      const [folder] = index.connectors[connector];
      const page = `${root}${folder}/${stream || table}.html`;
      if (stream) return `${page}#${slug(`table-${table}`)}`;
      return field ? `${page}#${slug(`stream-${table}-field-${field}`)}` : page;
    };
    const best = (list, most) => list.sort((a, b) => a.rank - b.rank || a.text.length - b.text.length || (a.text < b.text ? -1 : 1)).slice(0, most);
    const find = (query) => {
      const mine = (connector) => (index.connectors[connector][0] === name ? -4 : 0);
      const connectors = [];
      index.connectors.forEach(([folder, title, keywords]) => {
        const ranks = [rank(title, query), rank(folder, query), rank(keywords, query) < 0 ? -1 : 3].filter((one) => one >= 0);
        if (ranks.length) connectors.push({ rank: Math.min(...ranks), text: title, more: "", href: `${root}${folder}.html` });
      });
      const tables = [];
      index.tables.forEach((table) => {
        const ranks = [rank(table[1], query), table[2] ? rank(table[2], query) : -1].filter((one) => one >= 0);
        const title = index.connectors[table[0]][1];
        if (ranks.length) tables.push({ rank: Math.min(...ranks) + mine(table[0]), text: table[1], more: title, href: address(table) });
      });
      const fields = [];
      for (const [field, places] of Object.entries(index.fields)) {
        const close = rank(field, query);
        if (close < 0) continue;
        const some = places.map((place) => index.tables[place]);
        const first = some.filter((table) => mine(table[0]));
        for (const table of (first.length ? first : some).slice(0, 20)) {
          const more = `${index.connectors[table[0]][1]} · ${table[1]}`;
          fields.push({ rank: close + mine(table[0]), text: field, more, href: address(table, field) });
        }
      }
      return [["Connectors", best(connectors, 6)], ["Tables", best(tables, 10)], ["Fields", best(fields, 20)]];
    };
    const show = () => {
      const query = input.value.trim().toLowerCase();
      const close = !query || document.activeElement !== input;
      found.hidden = close;
      input.setAttribute("aria-expanded", String(!close));
      input.removeAttribute("aria-activedescendant");
      if (close) return;
      if (!index) return found.replaceChildren(made("p", {}, "Loading …"));
      if (index.letters) {
        const letter = /[a-z0-9]/.test(query[0]) ? query[0] : "_";
        if (index.letters.includes(letter) && !asked.has(letter)) asked.add(letter) && load(`search-${letter}`);
      }
      const parts = find(query).filter(([, list]) => list.length);
      let number = 0;
      found.replaceChildren(
        ...parts.flatMap(([kind, list]) => [
          made("p", { className: "kind", role: "presentation" }, kind),
          ...list.map((one) => {
            const link = made("a", { href: one.href, id: `found-${number++}`, role: "option", tabIndex: -1 }, made("b", {}, one.text), made("span", {}, one.more));
            link.setAttribute("aria-selected", "false");
            return link;
          }),
        ])
      );
      if (!parts.length) found.replaceChildren(made("p", {}, `Nothing found for “${input.value.trim()}”.`));
    };
    const select = (step) => {
      const links = all("a", found);
      const at = links.findIndex((link) => link.getAttribute("aria-selected") === "true");
      const next = links[(at + step + links.length + (at < 0 && step < 0 ? 1 : 0)) % links.length];
      links.forEach((link) => link.setAttribute("aria-selected", String(link === next)));
      if (!next) return;
      input.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
    };
    input.addEventListener("focus", () => (begin(), show()));
    input.addEventListener("input", show);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        select(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        const link = found.querySelector('[aria-selected="true"]') || found.querySelector("a");
        if (link && !found.hidden) link.click();
      } else if (event.key === "Escape") {
        input.value = "";
        input.blur();
      }
    });
    found.addEventListener("mousedown", (event) => event.preventDefault());
    found.addEventListener("click", () => (input.blur(), show()));
    input.addEventListener("blur", show);
    addEventListener("keydown", (event) => {
      const typing = /^(input|select|textarea)$/i.test(event.target.tagName);
      const asks = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
      if (!asks) return;
      event.preventDefault();
      input.focus();
    });
    input.parentElement.hidden = false;
  }

  // On paper nothing is folded.
  addEventListener("beforeprint", () => {
    all("details").forEach((one) => (one.open = true));
    folds.forEach((fold) => fold(false));
  });
})();
