"""Listeners of events: how an operation looks on a terminal, in a CI log and as JSON.

Listeners render and never decide; they call nothing but their stream. rich is imported only for a live terminal.
"""
