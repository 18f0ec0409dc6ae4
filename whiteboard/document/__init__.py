"""One page's Yjs document: the structural gate in front of it, the index that the gate decides by, and the page."""
