"""A training step of the diarization adapter in PyTorch, with the released names: what //bench:models compares with."""
import itertools
import math

import torch
from torch import nn
from torch.nn import functional as F


class Adapter(nn.Module):
    """Latents [B, T, D] to logits [B, T, K]."""

    def __init__(self, sizes):
        super().__init__()
        width = sizes["width"]
        layer = nn.TransformerEncoderLayer(
            width, sizes["heads"], sizes["feed_forward"], sizes["dropout"], activation="gelu", batch_first=True
        )
        self.proj = nn.Linear(sizes["input_width"], width)
        self.encoder = nn.TransformerEncoder(layer, sizes["layers"], enable_nested_tensor=False)
        self.head = nn.Linear(width, sizes["speakers"])
        turns = torch.exp(torch.arange(0, width, 2) * (-math.log(1e4) / width))
        angles = torch.arange(sizes["frames"]).unsqueeze(1) * turns
        self.register_buffer("positions", torch.stack([angles.sin(), angles.cos()], -1).flatten(1), persistent=False)

    def forward(self, latents):
        return self.head(self.encoder(self.proj(latents) + self.positions))


def arrivals(labels):
    """The first frame of every speaker, [B, K]; the number of frames where there is none."""
    spoken = labels > 0.5
    return torch.where(spoken.any(1), spoken.int().argmax(1), labels.shape[1])


class HybridLoss:
    """Cross entropy with the speakers sorted by arrival, and with those that fit best: half and half."""

    def __init__(self, speakers):
        self.permutations = torch.tensor(list(itertools.permutations(range(speakers))))

    def ordered(self, labels, gains, allowed):
        best = self.permutations[gains.masked_fill(~allowed, -math.inf).argmax(1)]
        return labels.gather(2, best.unsqueeze(1).expand_as(labels))

    def __call__(self, logits, labels):
        with torch.no_grad():
            gain = torch.einsum("btk,btj->bkj", logits.sigmoid(), labels)
            gains = gain[:, torch.arange(gain.shape[1]), self.permutations].sum(-1)
            first = arrivals(labels)[:, self.permutations]
            sorted_targets = self.ordered(labels, gains, (first[..., 1:] >= first[..., :-1]).all(-1))
            matched = self.ordered(labels, gains, torch.ones_like(gains, dtype=torch.bool))
        entropy = F.binary_cross_entropy_with_logits
        return 0.5 * entropy(logits, sorted_targets) + 0.5 * entropy(logits, matched)


class AdapterStep:
    """Updates of an adapter with AdamW, on the same batch again and again."""

    def __init__(self, sizes, weights, latents, labels):
        self.model = Adapter(sizes).train()
        self.model.load_state_dict(weights, strict=True)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=sizes["rate"], weight_decay=sizes["weight_decay"]
        )
        self.clip, self.loss = sizes["clip"], HybridLoss(sizes["speakers"])
        self.latents, self.labels = latents, labels

    def __call__(self):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(self.latents), self.labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.item()
