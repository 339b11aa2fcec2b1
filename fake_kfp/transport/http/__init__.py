"""The HTTP door: the real server's REST side, as a pure function (``gateway``) and on a socket (``server``)."""
