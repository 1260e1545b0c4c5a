"""Reads articles and topics with deskapi 0.1 (Basic) and prints what it found as JSON.

Usage: deskapi_reads.py BASE_URL USER PASSWORD
"""

import json
import sys

import requests
from deskapi.models import DeskApi2
from requests.adapters import HTTPAdapter


class Redirected(HTTPAdapter):
    """Sends to the simulator what deskapi addresses to https://SITE.desk.com."""

    def __init__(self, base_url):
        super().__init__()
        self.base_url = base_url

    def send(self, request, **options):
        request.url = request.url.replace("https://site.desk.com", self.base_url)
        return super().send(request, **options)


def main(base_url, user, password):
    """Walks two collections and one article's translations."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (user, password)
    session.mount("https://site.desk.com", Redirected(base_url))
    site = DeskApi2(sitename="site", session=session)
    articles = site.articles()
    found = {
        "articles": [article._entry for article in articles.items()],
        "topics": [topic._entry for topic in site.topics().items()],
        "translations": sorted(articles[0].translations.items()),
    }
    json.dump(found, sys.stdout)


main(*sys.argv[1:])
