"""Models with random weights, made on the spot in Hugging Face's format: real code paths, no download,
nonsense as output.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def make_tiny_model(folder: Path, sentences: Sequence[str]) -> Path:
    """A causal language model, with a tokenizer trained on the sentences; seeded.

    Needs torch and transformers.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    plain = _tokenizer(sentences)
    torch.manual_seed(0)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=plain.get_vocab_size(),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=8192,
            bos_token_id=1,
            eos_token_id=2,
        )
    ).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=plain,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        chat_template="{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}",
    ).save_pretrained(folder)
    return folder


def make_tiny_classifier(folder: Path, sentences: Sequence[str], classes: dict[int, str]) -> Path:
    """A classifier of pairs of texts, with a tokenizer trained on the sentences; seeded.

    Needs torch and transformers.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    plain = _tokenizer(sentences)
    torch.manual_seed(0)
    BertForSequenceClassification(
        BertConfig(
            vocab_size=plain.get_vocab_size(),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=128,
            id2label=classes,
            label2id={name: number for number, name in classes.items()},
        )
    ).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="<unk>", cls_token="<s>", sep_token="</s>", pad_token="</s>"
    ).save_pretrained(folder)
    return folder


def _tokenizer(sentences: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    plain = Tokenizer(models.BPE(unk_token="<unk>"))
    plain.pre_tokenizer, plain.decoder = pre_tokenizers.ByteLevel(), decoders.ByteLevel()
    plain.train_from_iterator(
        sentences,
        trainers.BpeTrainer(
            vocab_size=320,
            special_tokens=["<unk>", "<s>", "</s>"],
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        ),
    )
    return plain
