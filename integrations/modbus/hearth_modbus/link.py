"""A connection over which units are asked, one request at a time, and what went wrong in words."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any

from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
from pymodbus.pdu import ModbusPDU
from pymodbus.transport import CommParams, CommType

from hearth_modbus.config import LinkSettings, Transport
from hearth_modbus.registers import Kind
from hub import ActionTimeout, ConnectionLost, DeviceRefused

logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)  # what it logs is reported as the entry's health

_RETRIES = 1
_NEVER = 1_000_000_000
_REASONS = {
    1: "it does not know this kind of request",
    2: "it has no such address",
    3: "it does not accept this value or count",
    4: "it failed",
    5: "it needs longer and has not finished",
    6: "it is busy",
    7: "it cannot do that",
    8: "its memory is damaged",
    10: "the gateway has no path to it",
    11: "it does not answer the gateway",
}
_GATEWAY_SILENT = (10, 11)

Client = AsyncModbusTcpClient | AsyncModbusSerialClient
Connect = Callable[[], Coroutine[Any, Any, Any]]


class NoAnswer(ActionTimeout):
    """A unit did not answer in time, or its gateway says that it does not."""


class Rejected(DeviceRefused):
    """A unit answered with an exception code."""


class Link:
    """``async with`` connects; ``lost`` is done when the connection breaks."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._reason = "no answer in time"
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def address(self) -> str:
        """Where it leads."""
        return self._settings.address

    async def __aenter__(self) -> Link:
        context = await asyncio.to_thread(_tls_context, self._settings)
        self._client = client = _make_client(self._settings, context, self._note)
        client.set_max_no_responses(_NEVER)  # a silent unit is no reason to drop the others
        client.ctx.call_create = self._explaining(client.ctx.call_create)
        if not await client.connect():
            client.close()
            raise ConnectionLost(f"{self.address} cannot be reached: {self._reason}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def read(self, unit_id: int, kind: Kind, start: int, count: int) -> list[int]:
        """Return registers, or bits as 0 and 1.

        Raises NoAnswer, Rejected or ConnectionLost.
        """
        client = self._connected()
        ask = {
            Kind.COIL: client.read_coils,
            Kind.DISCRETE: client.read_discrete_inputs,
            Kind.HOLDING: client.read_holding_registers,
            Kind.INPUT: client.read_input_registers,
        }[kind]
        answer = await self._asked(unit_id, ask(start, count=count, device_id=unit_id))
        values = [int(bit) for bit in answer.bits[:count]] if kind.is_bits else list(answer.registers)
        if len(values) != count:  # over RTU a late answer cannot be told from the right one otherwise
            raise NoAnswer(f"Unit {unit_id} at {self.address} answered another question")
        return values

    async def write(self, unit_id: int, kind: Kind, start: int, words: Sequence[int], *, many: bool = False) -> None:
        """Write coils or holding registers; ``many`` uses the request for several even for one.

        Raises NoAnswer, Rejected or ConnectionLost.
        """
        client = self._connected()
        several = many or len(words) > 1
        request: Awaitable[ModbusPDU]
        if kind.is_bits:
            bits = [bool(word) for word in words]
            request = (
                client.write_coils(start, bits, device_id=unit_id)
                if several
                else client.write_coil(start, bits[0], device_id=unit_id)
            )
        elif several:
            request = client.write_registers(start, list(words), device_id=unit_id)
        else:
            request = client.write_register(start, words[0], device_id=unit_id)
        await self._asked(unit_id, request)

    async def _asked(self, unit_id: int, request: Awaitable[ModbusPDU]) -> ModbusPDU:
        who = f"Unit {unit_id} at {self.address}"
        try:
            answer = await request
        except ConnectionException:
            raise ConnectionLost(f"Lost the connection to {self.address}") from None
        except ModbusException as error:
            if self.lost.done():
                raise ConnectionLost(f"Lost the connection to {self.address}") from error
            raise NoAnswer(f"{who} does not answer") from error
        _heed_cancellation()
        if answer.isError():
            code = int(answer.exception_code)
            reason = _REASONS.get(code, "it gave no known reason")
            raise (NoAnswer if code in _GATEWAY_SILENT else Rejected)(f"{who}: {reason} (exception {code})")
        return answer

    def _connected(self) -> Client:
        if self._client is None or not self._client.connected:
            raise ConnectionLost(f"There is no connection to {self.address}")
        return self._client

    def _note(self, connected: bool) -> None:
        if not connected and not self.lost.done():
            self.lost.set_result(None)

    def _explaining(self, connect: Connect) -> Connect:
        """Return what connects, and remembers why it could not: the client only says that."""

        async def attempt() -> Any:
            try:
                return await connect()
            except OSError as error:
                self._reason = str(error)
                raise

        return attempt


def _heed_cancellation() -> None:
    """Raise what the library lost: in Python 3.11 its wait for an answer swallows a cancellation that comes with the answer."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class _TlsClient(AsyncModbusTcpClient):
    """The library's own takes an answer that comes in two pieces for a broken one: this is its TCP client, over TLS."""

    def __init__(self, host: str, *, sslctx: ssl.SSLContext, port: int, timeout: float, **options: Any) -> None:
        self.comm_params = CommParams(
            comm_type=CommType.TLS, host=host, port=port, sslctx=sslctx, timeout_connect=timeout, reconnect_delay=0
        )
        super().__init__(host, **options)


def _make_client(settings: LinkSettings, context: ssl.SSLContext | None, connected: Callable[[bool], None]) -> Client:
    options: dict[str, Any] = {"timeout": settings.timeout, "retries": _RETRIES, "trace_connect": connected}
    if settings.transport is Transport.RTU:
        return AsyncModbusSerialClient(
            settings.serial_port, baudrate=settings.baudrate, bytesize=settings.bytesize, parity=settings.parity,
            stopbits=settings.stopbits, reconnect_delay=0, **options,
        )  # fmt: skip
    if context is not None:
        return _TlsClient(settings.host, sslctx=context, port=settings.port, **options)
    framer = FramerType.RTU if settings.transport is Transport.RTU_OVER_TCP else FramerType.SOCKET
    return AsyncModbusTcpClient(settings.host, port=settings.port, framer=framer, reconnect_delay=0, **options)


def _tls_context(settings: LinkSettings) -> ssl.SSLContext | None:
    """Return how to encrypt, or None. Reads files."""
    if settings.transport is not Transport.TLS:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if settings.certificate is not None:
            context.load_cert_chain(settings.certificate, settings.key)
    except OSError as error:
        raise ConnectionLost(f"Could not read the certificates of {settings.address}: {error}") from error
    return context
