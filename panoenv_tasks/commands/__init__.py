"""The sub-commands of ``panoenv`` that belong to this package, one module each."""
