"""Load: people on a server with the settings of production, each with a second of thought.

One request in ten saves, submits or approves a record through its form; the others read what people
of each role open. Then the same without thought, and during an import and nine PDFs. Before that
as many people ask such a server for a page that does nothing: the floor of machine and client.
Every request is a connection of its own, as behind nginx. Linux only.
"""
