"""One file a room. A view reads the request, calls one act, and shows or redirects; it decides nothing by itself."""
