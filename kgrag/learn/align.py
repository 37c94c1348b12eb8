"""Fine-tunes a language model on this machine with trl and peft (extra ``align``): by good replies, by
preferences, or by the reward model.

Knows the three trainers, LoRA, seeds, and what is written: the adapter, its card and its figures. The base
model stays as it is and is the reference that KL holds the adapter to (DPO's and GRPO's beta). Does not know
where examples come from (``examples``), nor what makes a good answer (``kgrag.reward``). Sources: Hu et al.
2021 (LoRA); Rafailov et al. 2023 (DPO); Shao et al. 2024 (GRPO).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kgrag.errors import MissingExtra, UsageError
from kgrag.evaluate.report.versions import versions
from kgrag.generate.prompts import NO_ANSWER, WRITING, identity_of
from kgrag.generate.replies import read_draft
from kgrag.learn.align_examples import Example, answered, preferred
from kgrag.library import Library
from kgrag.protocols import RewardModel

METHODS = ("sft", "dpo", "grpo")
MIN_EXAMPLES = 4
KEPT = ("loss", "rewards/accuracies", "rewards/margins", "reward", "reward_std", "kl")
"""What of a trainer's figures is kept."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to train: KL strength (DPO, GRPO), steps, learning rate, LoRA's rank, prompts a step, replies a
    prompt (GRPO), longest reply in tokens, seed.
    """

    beta: float = 0.1
    steps: int = 200
    rate: float = 2e-5
    rank: int = 16
    batch: int = 2
    replies: int = 4
    reply_tokens: int = 256
    seed: int = 7


def align(
    library: Library,
    method: str,
    model: str,
    out: Path,
    options: Options = Options(),
    reward: RewardModel | None = None,
) -> dict[str, Any]:
    """Train an adapter.

    Args:
        library: whose answers and rankings teach.
        method: ``sft`` (its good answers), ``dpo`` (people's rankings) or ``grpo`` (the reward model judges
            the model's own replies).
        model: a folder with a causal language model of Hugging Face's format, or any name that transformers
            can load.
        out: a new folder for the adapter.
        options: how.
        reward: for ``grpo``; the shipped one by default.

    Returns:
        ``method``, ``model``, ``examples`` (trained on, held out), ``before`` and ``after`` (figures on the
        held-out questions, or on those trained on where none is held), ``options``.

    Raises:
        MissingExtra: the packages are not there.
        UsageError: no such method, the folder exists, or too few examples.
    """
    if method not in METHODS:
        raise UsageError(f"No method '{method}' (found: {', '.join(METHODS)}).")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} exists; nothing is overwritten. Give another folder.")
    found = (
        preferred(library)
        if method == "dpo"
        else [example for example in answered(library) if method == "sft" or example.good != NO_ANSWER]
    )
    if len(found) < MIN_EXAMPLES:
        raise UsageError(
            f"{len(found)} examples for {method} in this library; at least {MIN_EXAMPLES} are needed. "
            + (
                "Rank answers on the ranking page."
                if method == "dpo"
                else "Ask questions: kgrag ask QUESTION"
            )
        )
    seen, held = [e for e in found if not e.held] or found, [e for e in found if e.held] or found
    trainer = _trainer(method, model, seen, held, out, options, reward)
    before = _figures(trainer.evaluate())
    trainer.train()
    report = {
        "method": method,
        "model": model,
        "examples": {"trained": len(seen), "held": sum(e.held for e in found)},
        "before": before,
        "after": _figures(trainer.evaluate()),
        "options": asdict(options),
        "prompt": identity_of(WRITING),
        "versions": versions(),
    }
    _write(trainer, out, report)
    return report


def reward_of(model: RewardModel) -> Callable[..., list[float]]:
    """The reward as GRPO's trainer asks for it: of replies to prompts whose rows hold ``question`` and
    ``quotes``.

    A reply is read as the product reads it: citations and thinking are dropped. *No answer*, an empty reply
    and evasion fall under the reward model's law that a non-answer never outranks an answer; so there is
    nothing to gain from saying nothing.
    """

    def reward(
        prompts: Sequence[str],
        completions: Sequence[str],
        question: Sequence[str],
        quotes: Sequence[Sequence[str]],
        **_: Any,
    ) -> list[float]:
        return [
            model.score(asked, [read_draft(reply, (), "").text], list(evidence))[0]
            for reply, asked, evidence in zip(completions, question, quotes, strict=True)
        ]

    return reward


def _trainer(
    method: str,
    model: str,
    seen: Sequence[Example],
    held: Sequence[Example],
    out: Path,
    options: Options,
    reward: RewardModel | None,
) -> Any:
    try:
        import peft
        import torch
        import transformers
        import trl
        from datasets import Dataset
    except ModuleNotFoundError as error:
        raise MissingExtra("Aligning a model", "align") from error
    transformers.set_seed(options.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    base = transformers.AutoModelForCausalLM.from_pretrained(model)
    lora = peft.LoraConfig(
        r=options.rank, lora_alpha=2 * options.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    gpu = torch.cuda.is_available()
    common: dict[str, Any] = {
        "output_dir": str(out / "work"),
        "max_steps": options.steps,
        "learning_rate": options.rate,
        "seed": options.seed,
        "data_seed": options.seed,
        "report_to": "none",
        "save_strategy": "no",
        "use_cpu": not gpu,
        "bf16": gpu,
        "gradient_checkpointing": gpu,
        "disable_tqdm": True,
        "logging_steps": max(options.steps // 10, 1),
    }
    rows = [
        Dataset.from_list([_row(method, example, tokenizer) for example in part]) for part in (seen, held)
    ]
    shared: dict[str, Any] = {
        "model": base,
        "train_dataset": rows[0],
        "eval_dataset": rows[1],
        "processing_class": tokenizer,
        "peft_config": lora,
    }
    if method == "grpo":
        arguments = trl.GRPOConfig(
            **common,
            beta=options.beta,
            num_generations=options.replies,
            per_device_train_batch_size=options.batch * options.replies,
            per_device_eval_batch_size=options.replies,
            max_completion_length=options.reply_tokens,
        )
        return trl.GRPOTrainer(**shared, args=arguments, reward_funcs=reward_of(reward or _shipped()))
    size: dict[str, Any] = {
        "per_device_train_batch_size": options.batch,
        "per_device_eval_batch_size": options.batch,
    }
    if method == "dpo":
        return trl.DPOTrainer(
            **shared, args=trl.DPOConfig(**common, **size, beta=options.beta, max_length=None)
        )
    return trl.SFTTrainer(**shared, args=trl.SFTConfig(**common, **size, max_length=None))


def _row(method: str, example: Example, tokenizer: Any) -> dict[str, Any]:
    """An example as trl wants it: the prompt as the model's own template writes it."""
    row: dict[str, Any] = {"prompt": written(example.messages, tokenizer)}
    if method == "sft":
        return row | {"completion": example.good}
    if method == "dpo":
        return row | {"chosen": example.good, "rejected": example.bad}
    return row | {"question": example.question, "quotes": [quote for quote, _ in example.quotes]}


def written(messages: Sequence[tuple[str, str]], tokenizer: Any) -> str:
    """The messages in the model's chat template, or as plain lines where it has none."""
    if tokenizer.chat_template:
        return str(
            tokenizer.apply_chat_template(
                [{"role": role, "content": text} for role, text in messages],
                tokenize=False,
                add_generation_prompt=True,
            )
        )
    return "\n".join(f"{role}: {text}" for role, text in messages) + "\nassistant: "


def _shipped() -> RewardModel:
    from kgrag.reward.model import DefaultReward

    return DefaultReward()


def _figures(found: dict[str, Any]) -> dict[str, float]:
    plain = {name.removeprefix("eval_"): value for name, value in found.items()}
    return {name: round(float(plain[name]), 5) for name in KEPT if name in plain}


def _write(trainer: Any, out: Path, report: dict[str, Any]) -> None:
    """Adapter and tokenizer, the card, and the figures last."""
    trainer.save_model(str(out))
    trainer.processing_class.save_pretrained(str(out))
    (out / "README.md").write_text(_card(report), "utf-8")
    (out / "figures.json").write_text(json.dumps(report, indent=1), "utf-8")


def _card(report: dict[str, Any]) -> str:
    options = "\n".join(f"- {name}: {value}" for name, value in report["options"].items())
    kl = (
        ""
        if report["method"] == "sft"
        else f" It is held to the base model by KL with beta {report['options']['beta']}."
    )
    return (
        f"# An adapter of {report['model']}\n\nTrained with `kgrag align {report['method']}` on"
        f" {report['examples']['trained']} examples from the answers and rankings of one library.{kl} Its"
        " licence is the base model's; its examples hold quotes of the library's papers, so it stays in the"
        f" house unless their licences allow more.\n\nHeld out: {report['examples']['held']} examples, by"
        f" question. Before: {json.dumps(report['before'])}. After:"
        f' {json.dumps(report["after"])}.\n\n{options}\n\nUse it: `llm = "huggingface:FOLDER"` in the'
        " library's kgrag.toml. Whatever it writes is checked as any model's drafts are.\n"
    )
