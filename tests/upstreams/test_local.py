import socket
import time

from chat.upstreams import local
from tests.replay import ReplayServer


async def test_a_server_that_lists_models_is_found(monkeypatch):
    with ReplayServer() as server:
        monkeypatch.setattr(local, "USUAL_PORTS", {server.port: "Ollama"})
        assert await local.find_local_servers() == {server.base_url: "Ollama"}
        assert await local.find_local_servers(except_ports=[server.port]) == {}


async def test_a_server_without_models_is_not(monkeypatch):
    with ReplayServer() as server:
        server.models = []
        monkeypatch.setattr(local, "USUAL_PORTS", {server.port: "Ollama"})
        assert await local.find_local_servers() == {}


async def test_what_does_not_answer_is_not_waited_for(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(local, "USUAL_PORTS", {silent.getsockname()[1]: "vLLM", 9: "LM Studio"})
        began = time.monotonic()
        assert await local.find_local_servers() == {}
        assert time.monotonic() - began < 1.5
