"""The REST side as a function from request to response: mounts, and RPCs by their http rules.

The real server is a gorilla/mux router (``main.go: startHttpProxy``) over a grpc-gateway, which calls the gRPC side. The order of
checks is theirs: the request target, an unclean path, the places beside the RPCs, the RPC's path and method, the body, the path's
variables, the query.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from fake_kfp.api.dispatch import Api
from fake_kfp.api.exchange import Disturbance, Exchange
from fake_kfp.api.protojson import EncodeError
from fake_kfp.api.replies import json_of
from fake_kfp.api.status import error_body, http_status
from fake_kfp.errors import Code, KfpError, own_fault
from fake_kfp.golang.json_string import BodyError
from fake_kfp.golang.url import BadQuery, QueryValues, parse_query, path_escape, path_unescape
from fake_kfp.transport.http.gateway.body import fill_from_body
from fake_kfp.transport.http.gateway.caller import caller_of, check_timeout, note_cleared_tags
from fake_kfp.transport.http.gateway.query import BadParameter, fill_from_query
from fake_kfp.transport.http.gateway.routes import Match, NoSuchPath, Route, Routes, WrongMethod
from fake_kfp.transport.http.gateway.visitors import Visitors
from fake_kfp.transport.http.places.mounts import MountPoint, find_mount, page_not_found
from fake_kfp.transport.http.wire.message import JSON, PLAIN_TEXT, HttpRequest, HttpResponse
from fake_kfp.transport.http.wire.prefix import DEFAULT_PREFIXES, split_prefix
from fake_kfp.transport.http.wire.urls import BadTarget, clean_path, split_target, well_formed
from fake_kfp.versions import Dialect

CONTROL_PREFIX = "/_fake_kfp/"
_FORM = "application/x-www-form-urlencoded"
_FROM_GRPC = (("Grpc-Metadata-Content-Type", "application/grpc"),)
_LOG = logging.getLogger("fake_kfp")


class _Places(NamedTuple):
    """Where requests can go in one dialect."""

    routes: Routes
    mounts: list[MountPoint]


class Gateway:
    """The REST side of a fake server.

    ``api_source`` gives the present world's RPCs, ``mounts`` are the places beside them, ``identity_header`` gives the name of the
    header that says who the caller is in multi-user mode. ``prefixes`` may stand before any path.
    ``visitors`` says who is let in, which is everybody without it.
    """

    def __init__(
        self,
        api_source: Callable[[], Api],
        mounts: Iterable[MountPoint] = (),
        *,
        identity_header: Callable[[], str] = lambda: "kubeflow-userid",
        prefixes: Iterable[str] = DEFAULT_PREFIXES,
        visitors: Visitors | None = None,
    ) -> None:
        self._api_source = api_source
        self._identity_header = identity_header
        self._prefixes = tuple(prefixes)
        self._visitors = visitors
        mounts = tuple(mounts)
        self._control_mounts = [mount for mount in mounts if mount.pattern.startswith(CONTROL_PREFIX)]
        self._server_mounts = [mount for mount in mounts if not mount.pattern.startswith(CONTROL_PREFIX)]
        self._places: dict[Dialect, _Places] = {}

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answers a request. Never raises: a bug of the fake becomes a 500 that says so."""
        api = self._api_source()
        exchange = Exchange("REST", request.method, request.target, request.headers, request.body)
        response = self._answer_or_refuse(api, request, exchange)
        exchange.status, exchange.reply = response.status, response.body
        exchange.size += len(response.body)
        if not exchange.hidden:
            api.watch.over(exchange)
        return response

    def _answer_or_refuse(self, api: Api, request: HttpRequest, exchange: Exchange) -> HttpResponse:
        try:
            response = self._answer(api, request, exchange)
            if exchange.spoil is not None:
                response = replace(response, body=exchange.spoil(response.body))
            if exchange.cut or exchange.drip:
                response = replace(response, cut=exchange.cut, drip=exchange.drip)
            return response
        except Disturbance as error:
            exchange.error = error
            return _disturbed(error)
        except KfpError as error:
            exchange.error = error
            return error_response(error)
        except Exception as error:
            exchange.error = error
            what = f"{request.method} {request.target.partition('?')[0]}"
            _LOG.exception("%s failed", what)
            return error_response(own_fault(what, error))

    def _answer(self, api: Api, request: HttpRequest, exchange: Exchange) -> HttpResponse:
        if (request.method, request.target) == ("OPTIONS", "*"):
            return HttpResponse(200)  # net/http/server.go: globalOptionsHandler
        try:
            encoded, query = split_target(request.target)
        except BadTarget:
            return bad_request()
        if self._visitors is not None:
            self._visitors.check(request)
        prefix, encoded = split_prefix(encoded, self._prefixes)
        verb = request.method
        if encoded.startswith(CONTROL_PREFIX):
            exchange.hidden = True
            return find_mount(self._control_mounts, verb, encoded)(request)
        path = path_unescape(encoded)
        cleaned = clean_path(path)
        if cleaned != path:
            return _redirect(prefix + path_escape(cleaned), query)
        places = self._places_of(api)
        mounted = find_mount(places.mounts, verb, path, default=None)
        if mounted is None and path.startswith("/apis/"):
            return self._call(api, places.routes, request, exchange, path, query)
        api.watch.before(exchange)
        response = (mounted or page_not_found)(request)
        api.watch.after(exchange)
        return response

    def _places_of(self, api: Api) -> _Places:
        """The places of the present world: a reset may have changed its dialect."""
        places = self._places.get(api.dialect)
        if places is None:
            mounts = [mount for mount in self._server_mounts if mount.offered(api.dialect)]
            places = self._places[api.dialect] = _Places(Routes(api.methods), mounts)
        return places

    def _call(
        self, api: Api, routes: Routes, request: HttpRequest, exchange: Exchange, path: str, query: str
    ) -> HttpResponse:
        form: QueryValues | None = None
        verb = request.method
        is_form = verb == "POST" and request.header("content-type") == _FORM
        override = request.header("x-http-method-override")
        if is_form and override:
            form = _form(request, query)
            verb = override.upper()
        try:
            match = routes.find(verb, path)
        except NoSuchPath:
            raise KfpError(Code.NOT_FOUND, "Not Found", None) from None
        except WrongMethod as wrong:
            if not is_form or verb != "POST" or wrong.get is None:
                raise KfpError(Code.UNIMPLEMENTED, "Method Not Allowed", None) from None
            form, match = _form(request, query), wrong.get
        return self._transcode(api, request, exchange, match, query, form)

    def _transcode(
        self,
        api: Api,
        request: HttpRequest,
        exchange: Exchange,
        match: Match,
        query: str,
        form: QueryValues | None,
    ) -> HttpResponse:
        route = match.route
        exchange.rpc = route.method.name
        check_timeout(request)
        caller = caller_of(request, self._identity_header())
        if api.dialect.tags:
            note_cleared_tags(request, caller)
        # reading a form leaves nothing of the body
        body = b"" if form is not None else request.body
        message = _request_message(route, match, body, query, form, api.dialect.absent_names)
        exchange.request = message
        reply = api.exchange(exchange, route.method, message, caller)
        try:
            return HttpResponse(200, json_of(reply), JSON, _FROM_GRPC)
        except EncodeError as error:
            raise KfpError(Code.UNKNOWN, str(error), None) from None


def _request_message(
    route: Route, match: Match, body: bytes, query: str, form: QueryValues | None, hidden: Collection[str]
) -> Any:
    message = route.method.input_class()
    try:
        if route.rule.body:
            fill_from_body(message, route.rule.body, body, hidden)
        for name, value in match.parameters.items():
            _set_path(message, name, well_formed(value))
        if route.reads_query and (query or form):
            fill_from_query(message, parse_query(query) if form is None else form, route.query_bound, hidden)
    except (BodyError, BadQuery, BadParameter) as error:
        raise KfpError(Code.INVALID_ARGUMENT, str(error), None) from None
    except UnicodeEncodeError:
        text = "grpc: error while marshaling: string field contains invalid UTF-8"
        raise KfpError(Code.INTERNAL, text, None) from None
    return message


def _set_path(message: Any, name: str, value: str) -> None:
    """Sets the field that a variable of a path names, be it one of a message's (``pipeline.pipeline_id``)."""
    *outer, last = name.split(".")
    for each in outer:
        message = getattr(message, each)
    setattr(message, last, value)


def _form(request: HttpRequest, query: str) -> QueryValues:
    """The parameters of a form and of the query, the form's first (``Request.ParseForm``)."""
    try:
        values = parse_query(request.body.decode("utf-8", "surrogateescape"))
        for name, texts in parse_query(query).items():
            values.setdefault(name, []).extend(texts)
    except BadQuery as error:
        raise KfpError(Code.INVALID_ARGUMENT, str(error), None) from None
    return values


def error_response(error: KfpError) -> HttpResponse:
    """A refusal as grpc-gateway writes it (``runtime/errors.go: DefaultHTTPErrorHandler``)."""
    body = json.dumps(error_body(error), ensure_ascii=False, separators=(",", ":"))
    headers: tuple[tuple[str, str], ...] = ()
    if error.code == Code.UNAUTHENTICATED:
        headers = (("Www-Authenticate", error.message),)
    return HttpResponse(http_status(error.code), body.encode("utf-8", "replace"), JSON, headers)


def _disturbed(error: Disturbance) -> HttpResponse:
    if error.answer is None:
        return HttpResponse(0, reset=True)
    status, body, headers = error.answer
    return HttpResponse(status, body, headers=headers)


def bad_request(reason: str = "") -> HttpResponse:
    """What Go's HTTP server says to a request that is none; it closes the connection."""
    text = f"400 Bad Request: {reason}" if reason else "400 Bad Request"
    return HttpResponse(400, text.encode(), PLAIN_TEXT, (("Connection", "close"),))


def _redirect(location: str, query: str) -> HttpResponse:
    return HttpResponse(301, headers=(("Location", f"{location}?{query}" if query else location),))
