"""Artifacts, templates, reports and versions that nothing needs any more.

::

    decide   what stays and what goes, and why; pure
    gc       removes it
"""
