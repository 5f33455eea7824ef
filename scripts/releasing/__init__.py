"""Releases of tapgen itself: built, tried and tagged here; nothing is uploaded.

- ``__main__.py``: ``scripts/release build | try | tag VERSION``
- ``build.py``: sdist and wheel, the same bytes from the same commit
- ``changelog.py``: what a version brings, from CHANGELOG.md
- ``trial.py``: does what is built install in an empty environment, and do its main job?
"""
