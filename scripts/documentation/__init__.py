"""The user guide as a site, and what holds its pages to the code.

- ``__main__.py``: ``scripts/docs build | serve | write | check``
- ``commands.py``: the commands that pages show, against those that there are
- ``codes.py``: the page of every error, note, reason and check, from the code that gives it
- ``diagrams.py``: pictures of stacks and of a deploy, drawn from templates and events
- ``blocks.py``: the parts of a page that a script writes

The site itself is Zensical's work (``zensical.toml``). Nothing here changes a sentence that somebody wrote.
"""
