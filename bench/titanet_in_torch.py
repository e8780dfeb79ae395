"""TitaNet-large in PyTorch, from normalised features on, with the released names: what //bench:models compares with."""
import torch
from torch import nn

BLOCKS = [(80, 1024, 3, 1), (1024, 1024, 7, 3), (1024, 1024, 11, 3), (1024, 1024, 15, 3), (1024, 3072, 1, 1)]
POOLED, LEAST_VARIANCE = 3072, 1e-10


class Conv(nn.Module):
    """A convolution that the released names hold one level deeper."""

    def __init__(self, *sizes, **options):
        super().__init__()
        self.conv = nn.Conv1d(*sizes, bias=False, **options)

    def forward(self, x):
        return self.conv(x)


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // 8, bias=False), nn.ReLU(), nn.Linear(channels // 8, channels, bias=False)
        )

    def forward(self, x):
        return x * torch.sigmoid(self.fc(x.mean(-1))).unsqueeze(-1)


def norm(channels):
    return nn.BatchNorm1d(channels, eps=1e-3)


class Block(nn.Module):
    def __init__(self, inside, outside, kernel, repeat):
        super().__init__()
        layers = []
        for r in range(repeat):
            # The places of an activation and a dropout, which have no weights.
            layers += [nn.ReLU(), nn.Identity()] if r > 0 else []
            width = inside if r == 0 else outside
            layers += [Conv(width, width, kernel, padding=kernel // 2, groups=width), Conv(width, outside, 1), norm(outside)]
        self.mconv = nn.Sequential(*layers, SqueezeExcite(outside))
        if repeat > 1:
            self.res = nn.ModuleList([nn.Sequential(Conv(inside, outside, 1), norm(outside))])

    def forward(self, x):
        y = self.mconv(x)
        if hasattr(self, "res"):
            y = y + self.res[0](x)
        return torch.relu(y)


class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layer = nn.Conv1d(3 * POOLED, 128, 1)
        self.bn = nn.BatchNorm1d(128)

    def forward(self, x):
        return self.bn(torch.relu(self.conv_layer(x)))


class Pooling(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_layer = nn.Sequential(Attend(), nn.Tanh(), nn.Conv1d(128, POOLED, 1))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        deviation = (x - mean).square().mean(-1, keepdim=True).clamp_min(LEAST_VARIANCE).sqrt()
        context = torch.cat([x, mean.expand_as(x), deviation.expand_as(x)], 1)
        shares = torch.softmax(self.attention_layer(context), -1)
        mean = (shares * x).sum(-1)
        variance = (shares * (x - mean.unsqueeze(-1)).square()).sum(-1)
        return torch.cat([mean, variance.clamp_min(LEAST_VARIANCE).sqrt()], 1).unsqueeze(-1)


class Titanet(nn.Module):
    """Features [B, T, 80], all of it audio, to embeddings [B, 192]."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleDict({"encoder": nn.Sequential(*[Block(*sizes) for sizes in BLOCKS])})
        embed = nn.Sequential(nn.BatchNorm1d(2 * POOLED), nn.Conv1d(2 * POOLED, 192, 1))
        self.decoder = nn.ModuleDict({"_pooling": Pooling(), "emb_layers": nn.ModuleList([embed])})

    def forward(self, features):
        pooled = self.decoder["_pooling"](self.encoder["encoder"](features.transpose(1, 2)))
        return self.decoder["emb_layers"][0](pooled).squeeze(-1)
