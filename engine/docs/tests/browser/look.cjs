// Looks at a site in Chromium, at three widths, light and dark: `node look.cjs SITE SCREENSHOTS`.
//
// Every page: valid HTML, nothing wider than the window, no message on the console, no request but for files of the
// site, and nothing that axe-core objects to. Then what the script does: search by typing, filters, folding, anchors,
// copying, the keyboard. Prints what is wrong, one line each, and at last what was looked at.
const { mkdirSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');

const [site, screenshots] = process.argv.slice(2);
const WIDTHS = [360, 768, 1440];
const SCHEMES = ['light', 'dark'];
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const wrong = [];
let looked = 0;
const say = (page, what) => {
  wrong.push(page);
  console.log(`${page}: ${what}`);
};

/** The pages below the site, by their names. */
function pages(folder = '') {
  return readdirSync(join(site, folder), { withFileTypes: true }).flatMap((one) => {
    const name = folder ? `${folder}/${one.name}` : one.name;
    if (one.isDirectory()) return pages(name);
    return name.endsWith('.html') ? [name] : [];
  });
}

const address = (name) => {
  const [file, anchor] = name.split('#');
  return pathToFileURL(join(site, file)).href + (anchor ? `#${anchor}` : '');
};

async function valid(names) {
  const validator = new HtmlValidate({
    extends: ['html-validate:standard'],
    rules: {
      // Prettiness of the source, which is made by a program.
      'no-trailing-whitespace': 'off',
      'long-title': 'off',
      // A list of definitions and a table that scrolls are named regions on purpose.
      'no-redundant-role': 'error',
    },
  });
  for (const name of names) {
    const report = await validator.validateString(readFileSync(join(site, name), 'utf8'));
    for (const fault of report.results.flatMap((result) => result.messages)) {
      say(name, `line ${fault.line}: ${fault.ruleId}: ${fault.message}`);
    }
  }
}

/** A page whose messages, requests and errors are told. */
async function open(context, name) {
  const page = await context.newPage();
  const here = () => (page.url().startsWith('file:') ? page.url().split('/').slice(-2).join('/') : name);
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && say(here(), `console: ${message.text()}`));
  page.on('pageerror', (error) => say(here(), `error: ${error.message}`));
  page.on('request', (request) => /^(file|data):/.test(request.url()) || say(here(), `asks for ${request.url()}`));
  page.on('requestfailed', (request) => say(here(), `lacks ${request.url()}`));
  await page.goto(address(name));
  return page;
}

/** What is wider than the window, in words. */
const overflowing = () => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return { isWide: false, what: [] };
  const scrolls = (element) => element && (/(auto|scroll|hidden)/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const what = [...document.body.querySelectorAll('*')]
    .filter((one) => one.getBoundingClientRect().right > width + 1 && !scrolls(one.parentElement))
    .slice(0, 3)
    .map((one) => `<${one.tagName.toLowerCase()} class="${one.className}"> ${one.textContent.trim().slice(0, 40)}`);
  return { isWide: true, what };
};

async function look(browser, names, shown) {
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
      // Of the pages that are not shown, the narrow and the wide one in one colour tell of all.
      const wanted = names.filter((name) => shown.includes(name) || (colorScheme === 'light' && width !== 768));
      const page = await open(context, wanted[0]);
      for (const name of wanted) {
        await page.goto(address(name));
        const { isWide, what } = await page.evaluate(overflowing);
        if (isWide) say(name, `is wider than ${width} pixels: ${what.join('; ')}`);
        if (shown.includes(name) || width === 1440) {
          await page.evaluate(AXE);
          const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
          for (const one of violations) {
            const where = one.nodes.slice(0, 2).map((node) => node.html.slice(0, 120));
            say(name, `${width} ${colorScheme}: axe ${one.id}: ${one.help}: ${where.join(' | ')}`);
          }
        }
        if (shown.includes(name)) {
          const file = `${name.replace(/[/.]/g, '-').replace(/-html$/, '')}-${width}-${colorScheme}`;
          await page.screenshot({ path: join(screenshots, `${file}.png`) });
          if (colorScheme === 'light') await page.screenshot({ path: join(screenshots, `${file}-whole.png`), fullPage: true });
        }
        looked += 1;
      }
      await context.close();
    }
  }
}

/** Says what is not as it should be. */
const expect = (name, what, holds) => holds || say(name, `not so: ${what}`);

async function searches(context) {
  for (const [name, typed, expected] of [
    ['index.html', 'redmine', 'redmine.html'],
    ['index.html', 'time_entries', 'redmine/time_entries.html'],
    ['redmine/issues.html', 'updated_on', 'updated_on'],
    ['desk.html', 'cases', 'desk/cases.html'],
  ]) {
    const page = await open(context, name);
    await page.keyboard.press('/');
    expect(name, '`/` leads to the search', await page.evaluate(() => document.activeElement.id === 'search'));
    await page.keyboard.type(typed, { delay: 20 });
    const link = page.locator('#found a').first();
    await link.waitFor({ timeout: 5000 }).catch(() => say(name, `nothing is found for ${typed}`));
    const found = await page.locator('#found a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(name, `${typed} finds ${expected} (${found.slice(0, 5).join(', ')})`, found.some((href) => href.includes(expected)));
    for (const href of found) {
      const there = new URL(href, page.url());
      const target = await context.newPage();
      await target.goto(there.href);
      const id = decodeURIComponent(there.hash.slice(1));
      if (id) expect(name, `${href} leads to a place`, (await target.locator(`[id="${id}"]`).count()) === 1);
      await target.close();
    }
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href !== address(name), { timeout: 5000 }).catch(() => say(name, `Enter leads nowhere for ${typed}`));
    await page.close();
  }
  const page = await open(context, 'index.html');
  await page.fill('#search', 'zzzzzz');
  await page.waitForTimeout(300);
  expect('index.html', 'what is not there is not found', (await page.locator('#found a').count()) === 0);
  await page.screenshot({ path: join(screenshots, 'search-nothing.png') });
  await page.fill('#search', 'id');
  await page.locator('#found a').first().waitFor();
  await page.screenshot({ path: join(screenshots, 'search-id.png') });
  await page.keyboard.press('Escape');
  expect('index.html', 'Escape closes what was found', await page.locator('#found').isHidden());
  await page.close();
}

async function filters(context) {
  const name = 'index.html';
  const page = await open(context, name);
  const shown = () => page.locator('.connectors li:visible').count();
  const all = await shown();
  const selects = page.locator('.filters select');
  expect(name, 'there are filters', (await selects.count()) > 1);
  for (let at = 0; at < (await selects.count()); at += 1) {
    const one = selects.nth(at);
    const choices = await one.locator('option').allTextContents();
    await one.selectOption({ index: 1 });
    const some = await shown();
    expect(name, `${choices[1]} leaves some of ${all} (${some})`, some > 0 && (some < all || choices.length === 2));
    await one.selectOption({ index: 0 });
  }
  expect(name, 'all come back', (await shown()) === all);
  await page.close();
}

async function places(context, names) {
  for (const name of names) {
    const page = await open(context, name);
    const ids = await page.locator('main [id]:not(.moved *)').evaluateAll((all) => all.map((one) => one.id));
    for (const id of ids.filter((_, at) => at % 7 === 0)) {
      await page.goto(address(`${name}#${id}`));
      const top = await page.evaluate((id) => {
        const place = document.getElementById(id);
        const { top, bottom } = place.getBoundingClientRect();
        return { isSeen: place.checkVisibility() && bottom > 0 && top < innerHeight, top };
      }, id);
      expect(name, `#${id} is in sight (at ${Math.round(top.top)})`, top.isSeen);
    }
    await page.close();
  }
}

async function folds(context, name) {
  const page = await open(context, name);
  const folded = page.locator('main details:not([open])');
  const count = await folded.count();
  expect(name, 'something is folded', count > 0);
  const details = page.locator('main details').first();
  const was = await details.evaluate((one) => one.open);
  await details.locator('summary').first().focus();
  await page.keyboard.press('Enter');
  expect(name, 'Enter unfolds', (await details.evaluate((one) => one.open)) !== was);
  await page.close();
}

/** The lines of a table that is pointed at stand out, and those of others stand back. */
async function drawings(context, name) {
  const page = await open(context, name);
  const drawing = page.locator('.diagram').last();
  const lines = await drawing.locator('g').count();
  await drawing.locator('a', { hasText: /^issues/ }).first().hover();
  const near = await drawing.locator('g.near').count();
  expect(name, `some of ${lines} lines stand out (${near})`, near > 1 && near < lines);
  expect(name, 'so do the tables to which they lead', (await drawing.locator('a.near', { hasText: 'trackers' }).count()) === 1);
  await page.mouse.move(0, 0);
  expect(name, 'and no more when nothing is pointed at', (await drawing.getAttribute('class')) === 'diagram');
  await page.close();
}

async function keyboard(context, name) {
  const page = await open(context, name);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.textContent.trim());
  expect(name, `the first Tab comes to the skip link (${first})`, /skip/i.test(first));
  await page.keyboard.press('Enter');
  expect(name, 'it leads to the content', await page.evaluate(() => document.activeElement.id === 'content' || location.hash === '#content'));
  const button = page.locator('pre button.copy:visible').first();
  if ((await button.count()) > 0) {
    await button.click();
    await page.waitForTimeout(100);
    expect(name, 'copying says so', /copied|ctrl/i.test((await button.textContent()) ?? ''));
  }
  await page.close();
}

/** What once was, by its old address, leads to where it is now; `script` is whether pages have theirs. */
async function moved(context, { script }) {
  const lead = async (from, to) => {
    const page = await open(context, from);
    await page.waitForURL(address(to), { timeout: 5000 }).catch(() => say(from, `leads to ${page.url()}, not to ${to}`));
    await page.close();
  };
  await lead('desk/filters.html', 'desk/cases.html');
  if (script) {
    await lead('desk/filters.html#stream-filters-field-labels', 'desk/cases.html#stream-cases-field-labels');
    await lead('desk/filters.html#table-filters__labels', 'desk/cases.html#table-cases__labels');
    await lead('desk/agents.html#stream-agents-field-lead', 'desk/user_groups.html#stream-user_groups-field-id');
    await lead('desk/agents.html', 'desk/users.html');
    await lead('desk.html#stream-filters', 'desk.html#stream-cases');
    return lead('desk.html#stream-labels', 'desk/cases.html#stream-cases-field-labels');
  }
  const stub = await open(context, 'desk/agents.html#stream-agents-field-lead');
  expect('desk/agents.html', 'without script the line of the anchor is shown alone', (await stub.locator('main p:visible').count()) === 1);
  await stub.locator('main p:visible a').click();
  await stub.waitForURL(address('desk/user_groups.html#stream-user_groups-field-id'), { timeout: 5000 }).catch(() => say('desk/agents.html', 'it leads nowhere'));
  await stub.close();
  const page = await open(context, 'desk.html#stream-labels');
  const line = page.locator('.moved p:visible');
  expect('desk.html', 'one line says what has moved', (await line.count()) === 1);
  const { top, bottom } = await line.first().evaluate((one) => one.getBoundingClientRect().toJSON());
  expect('desk.html', `it is in sight (${top} to ${bottom})`, top > 0 && bottom <= 900);
  await page.screenshot({ path: join(screenshots, 'moved.png') });
  await line.locator('a').first().click();
  await page.waitForURL(address('desk/cases.html#stream-cases-field-labels'), { timeout: 5000 }).catch(() => say('desk.html', 'it leads nowhere'));
  await page.close();
}

async function withoutScript(browser, names) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
  for (const name of names) {
    const page = await open(context, name);
    expect(name, 'a page without a script has its text', (await page.locator('main').innerText()).length > 200);
    await page.close();
  }
  await moved(context, { script: false });
  await context.close();
}

(async () => {
  mkdirSync(screenshots, { recursive: true });
  const names = pages().sort();
  const has = (name) => names.includes(name);
  const shown = ['index.html', 'desk.html', 'desk/cases.html', 'redmine.html', 'redmine/issues.html', 'wide.html', 'wide/table_01.html', 'corners.html'].filter(has);
  await valid(names);
  const executablePath = process.env.TAPWRIGHT_CHROMIUM || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--allow-file-access-from-files'] });
  // Of 200 pages that are alike a few are enough.
  const alike = (name) => /^wide\/table_/.test(name) && !/_(00|01|199)\.html$/.test(name);
  // What only leads on is never looked at.
  const leadsOn = (name) => ['desk/filters.html', 'desk/agents.html'].includes(name);
  await look(browser, names.filter((name) => !alike(name) && !leadsOn(name)), shown);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  await searches(context);
  await filters(context);
  await places(context, shown);
  await folds(context, 'redmine/issues.html');
  await keyboard(context, 'desk/cases.html');
  await drawings(context, 'redmine.html');
  await moved(context, { script: true });
  await withoutScript(browser, shown);
  if (has('wide.html')) {
    const page = await open(context, 'wide.html');
    const began = Date.now();
    await page.fill('#search', 'table_199');
    await page.locator('#found a').first().waitFor({ timeout: 5000 }).catch(() => say('wide.html', 'nothing is found'));
    const took = Date.now() - began;
    expect('wide.html', `the search of 200 tables answers within a second (${took} ms)`, took < 1000);
    await page.close();
  }
  await browser.close();
  console.log(`${names.length} pages, looked at ${looked} times, ${wrong.length} faults`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
})();
