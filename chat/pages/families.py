"""The families of providers as a person chooses among them, and where each gives out its keys."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """`key_page` is empty where there is no one place for keys, `about_address` where the usual address does."""

    name: str
    title: str
    about: str
    key_page: str = ""
    about_address: str = ""

    @property
    def is_compatible(self) -> bool:
        """A server with no address of its own, which may want no key."""
        return self.name == "compatible"

    @property
    def key_site(self) -> str:
        return self.key_page.removeprefix("https://").partition("/")[0]


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family("openai", "OpenAI", "The GPT models", "https://platform.openai.com/api-keys"),
        Family("anthropic", "Claude", "Anthropic’s models", "https://platform.claude.com/settings/keys"),
        Family("gemini", "Gemini", "Google’s models", "https://aistudio.google.com/apikey"),
        Family("deepseek", "DeepSeek", "V and R models", "https://platform.deepseek.com/api_keys"),
        Family(
            "qwen",
            "Qwen",
            "Alibaba’s models",
            "https://modelstudio.console.alibabacloud.com/?tab=dashboard#/api-key",
            "Keys of the international service belong to "
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1.",
        ),
        Family("compatible", "Another server", "Ollama, vLLM, LM Studio, OpenRouter, Groq, Mistral…"),
    )
}
