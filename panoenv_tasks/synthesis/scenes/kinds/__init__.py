"""Some ninety kinds of things. Sizes in metres; every model stands at the origin and looks along +z.

Kinds take dice for colours and proportions, and return a ``Model``. What hangs has its own lowest point
at y = 0 and is put up with ``lift``.
"""
