"""Starting a project: the starter projects, and writing one into an empty folder.

    catalogue   which starters there are, and the files of each
    writing     a starter → the files of a new project
    projects/   the starters: ``shared`` is written beside each; ``transactions`` comes into the wheel when it is built

What is below ``projects/`` is data: it is read as text and never imported. Names of files that git, pytest or an editor
would take for this repository's own stand without their dot there.
"""
