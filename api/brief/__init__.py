"""The one-page brief for leadership: what it says, and a process of its own that draws it.

`writing` turns the day's figures into a `Page`; `python -m api.brief` draws it as PDF. The
process holds the PDF library, 60 MB that no worker should keep; nothing else is drawn there.
"""
