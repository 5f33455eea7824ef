"""What a deployment costs, from its templates and a dated price table. Pure: no credentials, no network.

The table (``prices.json``) is of its date; AWS's own pages, which it names, have the last word.
"""
