"""The embedded AWS: MiniStack as a child process on 127.0.0.1, with what it lacks added from outside.

``server`` starts, stops and watches the child; it is all that the rest of tapgen imports. ``child`` is the program that
runs in it, ``extension/`` the behaviour that it adds to MiniStack. MiniStack itself is imported in the child alone.
"""
