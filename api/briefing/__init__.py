"""The briefing of one analysis: its result on a map, its tables and its methods, in one file.

`writing` turns a result into a `Briefing`, texts and numbers for people; `document` draws it as
HTML that opens without a network, `sheets` as PDF. Both are done by a process of their own,
`python -m api.briefing`: folium alone would be more than a worker holds.
"""
