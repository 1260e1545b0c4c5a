"""Reads a site with libsaas 0.4 (OAuth 1.0a, HMAC-SHA1) and prints what it found as JSON.

Usage: libsaas_reads.py BASE_URL KEY SECRET TOKEN TOKEN_SECRET
"""

import json
import sys

from libsaas.services import desk


def pages(read, **params):
    """All entries of a list, by page number."""
    number, entries = 1, []
    while True:
        page = read(page=number, **params)
        entries += page["_embedded"]["entries"]
        if page["_links"]["next"] is None:
            return entries
        number += 1


def main(base_url, *credentials):
    """One request of every kind that libsaas and the simulator share."""
    service = desk.Desk("site", *credentials)
    service.apiroot = base_url + "/api/v2"
    cases = pages(service.cases().get, per_page=50)
    replies = 0
    for case in cases:
        resource = service.case(str(case["id"]))
        found = pages(resource.replies().get, per_page=2)
        replies += len(found)
        assert resource.message()["_links"]["case"]["href"] == case["_links"]["self"]["href"]
        for reply in found[:1]:
            reply_id = reply["_links"]["self"]["href"].rsplit("/", 1)[1]
            assert resource.reply(reply_id).get() == reply
    groups = pages(service.groups().get)
    members = [
        {"id": group["id"]}
        for group in groups
        for _ in pages(service.group(str(group["id"])).users)
    ]
    customers = pages(service.customers().search, since_updated_at=0, per_page=20)
    assert service.customer(str(customers[0]["id"])).get() == customers[0]
    json.dump(
        {
            "cases": cases,
            "replies": replies,
            "users": pages(service.users().get),
            "groups": groups,
            "user_groups": members,
            "found": service.cases().search(since_updated_at=0, per_page=2, page=3),
            "odd": service.cases().search(subject="Größe & 50% +~'*", per_page=1),
            "articles": [
                article
                for topic in pages(service.topics().get)
                for article in pages(service.topic(str(topic["id"])).articles().get)
            ],
        },
        sys.stdout,
    )


main(*sys.argv[1:])
