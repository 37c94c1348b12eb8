"""Reads settings: ``kgrag.toml`` in the library, then ``KGRAG_*`` variables; unknown keys are refused.

Knows names and defaults. Does not open anything. Secrets (passwords, keys) belong into the environment.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kgrag.errors import UsageError


class Settings(BaseSettings):
    """Everything an admin can choose. Every field may be given as ``KGRAG_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="KGRAG_", extra="forbid", frozen=True)

    library: Path = Field(default=Path("library"), description="Folder of the library.")
    catalogue_url: str | None = Field(
        default=None, description="SQLAlchemy URL; default: SQLite in the library."
    )
    name: str = Field(
        default="", max_length=200, description="What the library is called, in methods paragraphs."
    )
    embedder: str = Field(
        default="minilm", description="Name in backends, or any sentence-transformers model."
    )
    verifier: str = Field(
        default="default",
        description=(
            "`default`, or `cross-encoder:MODEL` for a public checker of claims (Hugging Face's format); then"
            " `kgrag calibrate --claims FILE`."
        ),
    )
    reward: str = Field(default="default", description="Reward model backend, or `off`.")
    vectors: str = Field(
        default="faiss",
        description="`faiss` (files of the library), or `pgvector`, beside a catalogue in PostgreSQL.",
    )
    words: str = Field(default="tantivy", description="`tantivy` (files of the library), or `opensearch`.")
    opensearch_url: str = Field(
        default="http://127.0.0.1:9200", description="Address of the OpenSearch server."
    )
    opensearch_user: str = Field(default="", description="Its user; empty for none.")
    opensearch_password: SecretStr = Field(
        default=SecretStr(""), description="Its password (environment only)."
    )
    index_device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto",
        description="Where vectors are compared: `cpu`, `gpu`, or `auto` (a GPU where FAISS finds one).",
    )
    graph: str = Field(default="embedded", description="`embedded` or `neo4j`.")
    neo4j_uri: str = Field(default="bolt://127.0.0.1:7687", description="Bolt address.")
    neo4j_user: str = Field(default="neo4j", description="Neo4j user.")
    neo4j_password: SecretStr = Field(default=SecretStr(""), description="Neo4j password (environment only).")
    neo4j_database: str = Field(default="neo4j", description="Neo4j database.")
    llm: str | None = Field(
        default=None,
        description="`openai-like:MODEL`, `ollama:MODEL` or `huggingface:MODEL`; none: extractive.",
    )
    llm_url: str | None = Field(default=None, description="Base URL of the model server.")
    llm_key: SecretStr = Field(
        default=SecretStr(""), description="Key of the model server (environment only)."
    )
    llm_mode: Literal["auto", "point", "write"] = Field(
        default="auto",
        description=(
            "What a language model does: `point` to quotes, which are shown in their own words, or `write`"
            " sentences, each checked. `auto`: by what `kgrag doctor --model` measured; else all models"
            " of less than 7 billion parameters, and those in the house of unknown size, point."
        ),
    )
    llm_timeout_s: float = Field(default=60.0, gt=0, description="Longest wait for all drafts of a question.")
    llm_requests: int = Field(
        default=10, ge=1, le=100, description="Requests that a question may cost, failed ones counted."
    )
    llm_question_tokens: int = Field(
        default=0, ge=0, description="Tokens of prompts and replies that a question may cost; 0: no limit."
    )
    llm_max_tokens: int = Field(
        default=700, ge=8, le=100_000, description="Longest written draft; a pointing reply has at most 8."
    )
    llm_pause_s: float = Field(
        default=60.0,
        ge=0,
        le=86_400,
        description="How long a model server that has failed is left alone by everybody; 0: not at all.",
    )
    llm_stream: bool = Field(
        default=False,
        description=(
            "Read replies as they come: one that breaks off or takes too long is used as far as its whole"
            " sentences go."
        ),
    )
    llm_structured: bool = Field(
        default=True,
        description="Ask for structured output (JSON by schema); a server that refuses is asked for prose.",
    )
    llm_budget_tokens: int = Field(
        default=0,
        ge=0,
        description=(
            "Tokens a day that answers may cost, counted as four characters each; then quotes answer. 0: no"
            " limit."
        ),
    )
    llm_in_house: bool | None = Field(
        default=None,
        description=(
            "Whether the model runs in the house; default: Hugging Face, Ollama and loopback addresses do."
        ),
    )
    restricted_licences: tuple[str, ...] = Field(
        default=(),
        description=(
            "Patterns of licences (`*` for any part, `unknown` for none given) whose texts never go to a"
            " model outside the house."
        ),
    )
    restricted_paths: tuple[str, ...] = Field(
        default=(), description="Patterns of source paths whose texts never go to a model outside the house."
    )
    openurl: str = Field(
        default="",
        description=(
            "Address of the full text elsewhere, with fields in braces:"
            " `https://resolver.example.org/?{openurl}`, `https://doi.org/{doi}`."
        ),
    )
    candidates: int = Field(default=4, ge=1, le=9, description="Candidate answers drafted for a question.")
    recombine: bool = Field(
        default=True,
        description=(
            "Add a candidate made of the best supported sentences of several drafts of a language model."
        ),
    )
    alpha: float = Field(default=0.1, gt=0, lt=1, description="Share of unsupported claims tolerated.")
    top_k: int = Field(default=10, ge=1, le=1000, description="Passages read for an answer.")
    passage_tokens: int = Field(default=180, ge=40, le=2000, description="Length aimed at for a passage.")
    extractors: tuple[str, ...] = Field(
        default=("concepts", "taggers", "roles"),
        description=(
            "What extraction runs besides terms and patterns: `concepts` (and statements, by a parser: most"
            " of the time that ingest takes), `taggers` (chemicals and diseases, in biomedical documents),"
            " `roles` (of the sentences of English papers)."
        ),
    )
    expansions: bool = Field(
        default=True,
        description="Add to a question what the loaded vocabularies call its words in the other language.",
    )
    lease_s: float = Field(
        default=30.0,
        ge=0.1,
        le=3600,
        description="An ingest worker that is silent for so long has lost its files to the others.",
    )
    host: str = Field(default="127.0.0.1", description="Address the service listens on.")
    processes: int = Field(
        default=2,
        ge=0,
        le=64,
        description=(
            "Processes of the service that answer questions, about 0.4 GB each; 0: it answers in its own, as"
            " it does with a language model."
        ),
    )
    port: int = Field(default=7860, ge=0, le=65535, description="Port of the service.")
    auth: Literal["password", "oidc", "off"] = Field(
        default="password",
        description=(
            "Who comes in: `password` (open on loopback until an admin is set), `oidc` (with passwords beside"
            " it), or `off` (everybody is `open_role`)."
        ),
    )
    open_role: Literal["reader", "researcher", "librarian", "admin"] = Field(
        default="reader", description="Role of everybody where auth is `off`."
    )
    admin_password: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "Password of a first admin `admin`, made when the service starts and there is none (environment"
            " only)."
        ),
    )
    session_hours: float = Field(default=12.0, gt=0, le=24 * 90, description="How long a login lasts.")
    history_days: int = Field(
        default=30, ge=0, le=3650, description="Days a person's own history is kept; 0: none is."
    )
    oidc_issuer: str | None = Field(default=None, description="Address of the OpenID provider.")
    oidc_client_id: str | None = Field(default=None, description="This service's name at the provider.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Its secret there (environment only)."
    )
    oidc_groups_claim: str = Field(default="groups", description="Claim that holds a person's groups.")
    oidc_roles: tuple[str, ...] = Field(
        default=(), description="`GROUP=ROLE` pairs; the highest role counts."
    )
    oidc_default_role: Literal["reader", "researcher", "librarian"] | None = Field(
        default=None, description="Role of who comes with none of these groups; none: not let in."
    )
    public_url: str | None = Field(
        default=None,
        description=(
            "Address under which people reach the service, where it is not the one it listens on (behind a"
            " proxy)."
        ),
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description=(
            "Names under which people reach the service, beside `public_url`, this machine's name and plain"
            " addresses; with `auth` off, or once one is set, no other is answered."
        ),
    )
    proxies: tuple[str, ...] = Field(
        default=(),
        description=(
            "Addresses of the proxies whose `X-Forwarded-For` is believed; default: none, or with"
            " `public_url` set and a loopback `host` the ones on this machine."
        ),
    )
    connections: int = Field(
        default=200,
        ge=0,
        le=100_000,
        description="Connections that one address may have (a proxy: any number); 0: no limit.",
    )
    longest_s: float = Field(
        default=120.0,
        gt=0,
        le=3600,
        description="Longest time that the service works on one question, text to check, picture or export.",
    )
    ingest_paths: tuple[str, ...] = Field(
        default=(),
        description=(
            "Folders from which batches may be started over the API and the admin page; uploads are always"
            " taken."
        ),
    )
    upload_mb: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="Largest upload over the API and the admin page, all files together.",
    )
    rate_ask: str = Field(
        default="30/minute", description="Questions and searches a person may send; empty for no limit."
    )
    rate_login: str = Field(
        default="20/minute", description="Login attempts from one address; empty for no limit."
    )
    rate_api: str = Field(
        default="600/minute", description="Requests of one caller to /api/v1; empty for no limit."
    )
    api_tokens: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "Tokens of /api/v1 with scopes, `TOKEN:read+ask,…` (environment only); none: open as the pages."
        ),
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file: the file's values come in through the constructor."""
        return (env_settings, init_settings)


SECRETS = (
    "neo4j_password",
    "opensearch_password",
    "llm_key",
    "api_tokens",
    "admin_password",
    "oidc_client_secret",
)


def load_settings(library: Path | None = None) -> Settings:
    """The settings of a library.

    Args:
        library: its folder; default ``KGRAG_LIBRARY``, else ``./library``.

    Raises:
        UsageError: unknown key, bad value, or a secret in the file.
    """
    folder = library or _validated({}, "environment").library
    path = folder / "kgrag.toml"
    values = _read(path) if path.is_file() else {}
    if found := [key for key in SECRETS if key in values]:
        raise UsageError(
            f"{path} holds a secret ({', '.join(found)}). Give it as KGRAG_{found[0].upper()} instead."
        )
    return _validated(values, str(path)).model_copy(update={"library": folder})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}. Correct it, or remove it to use the defaults."
        ) from error


def _validated(values: dict[str, Any], where: str) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        details = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(
            f"Settings in {where} are not valid: {details}. Known keys: {', '.join(Settings.model_fields)}."
        ) from error
