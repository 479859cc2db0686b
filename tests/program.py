"""A program that speaks to the API with an agent's token."""

from typing import Any

from django.test import Client

from agents.models import Agent, ApiToken

API = "/api/v1/"
GIULIA = "giulia@example.test"
PROBLEM = "application/problem+json"


class Program:
    """Asks and writes; addresses are given without what all of them begin with."""

    def __init__(self, agent: Agent) -> None:
        secret = ApiToken.issue(agent, "test")[1]
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path: str, **asked: Any) -> Any:
        return self.client.get(API + path, asked)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(API + path, {} if body is None else body, content_type="application/json")

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(API + path, body, content_type="application/json", headers=headers)

    def delete(self, path: str) -> Any:
        return self.client.delete(API + path)

    def entries(self, address: str = GIULIA, **more: str) -> Any:
        return self.get("entries/", address=address, **more)

    def write(self, address: str = GIULIA, text: str = "On its way.", **more: Any) -> Any:
        return self.post("messages/", {"address": address, "text": text, **more})
