"""Signs requests with oauthlib, some of them wrongly, and prints the status of each as JSON.

Usage: oauthlib_signs.py BASE_URL KEY SECRET TOKEN TOKEN_SECRET
"""

import json
import sys
import urllib.error
import urllib.request

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_PLAINTEXT, Client

QUERIES = {
    "none": "/users/current",
    "plain": "/cases/search?since_updated_at=1395251700&sort_field=updated_at&per_page=2",
    "plus": "/cases/search?subject=please+help&labels=a%2Cb",
    "range": "/companies/search?q=%28updated_at%3A%5B1%20TO%20NOW%5D%29",
    "unicode": "/cases/search?labels=Gr%C3%B6%C3%9Fe&name=%E7%94%B0%E4%B8%AD",
    "empty": "/cases/search?subject=&status=open",
    "repeated": "/cases/search?status=open&status=new&z=~-._",
}


def status(url, headers):
    """The status of a GET, whatever it is."""
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers)).status
    except urllib.error.HTTPError as error:
        return error.code


def main(base_url, key, secret, token, token_secret):
    """Every query signed well, then signatures that must not be accepted."""
    root = base_url + "/api/v2"

    def signed(query, method=SIGNATURE_HMAC_SHA1, secret=secret, key=key, token=token):
        client = Client(key, secret, token, token_secret, signature_method=method)
        return client.sign(root + query)[1]

    found = {}
    for name, query in QUERIES.items():
        found["good " + name] = status(root + query, signed(query))
    query = QUERIES["plain"]
    plaintext = signed(query, SIGNATURE_PLAINTEXT)
    found["good plaintext"] = status(root + query, plaintext)
    found["bad secret"] = status(root + query, signed(query, secret="wrong"))
    found["bad key"] = status(root + query, signed(query, key="wrong"))
    found["bad token"] = status(root + query, signed(query, token="wrong"))
    found["bad query"] = status(root + query + "&page=2", signed(query))
    found["bad path"] = status(root + "/users", signed(query))
    json.dump(found, sys.stdout)


main(*sys.argv[1:])
