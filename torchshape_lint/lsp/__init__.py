"""The language server: what ``check`` and ``explain`` know, in an editor, while it is being typed.

features    what the client asks and tells          server      settings of each folder, what is told unasked
documents   open files, and when each is evaluated  worker      the process that evaluates, seen from here
settings    what a client sets                      evaluation  what happens in that process; exchange: what is said
places      lines and columns as a client counts    outline     where names are bound, by the text alone
findings, hover, hints, lenses, actions             from a trace to what the protocol wants
"""
