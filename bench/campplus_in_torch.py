"""CAM++ in PyTorch, from log energies on, with the released names: what //bench:models compares with."""
import torch
from torch import nn
from torch.nn import functional as F

# Width before, layers, dilation, width of the transition.
BLOCKS = [(128, 12, 1, 256), (256, 24, 2, 512), (512, 16, 2, 512)]
GROWTH, BOTTLENECK, SEGMENT = 32, 128, 100


class Named(nn.Module):
    """Modules one behind the other, by name."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x):
        for module in self.children():
            x = module(x)
        return x


def norm_relu(channels):
    return Named(batchnorm=nn.BatchNorm1d(channels), relu=nn.ReLU())


class ResidualUnit(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(32, 32, 3, (stride, 1), 1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 32, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(32, 32, 1, (stride, 1), bias=False), nn.BatchNorm2d(32))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.layer1 = nn.Sequential(ResidualUnit(2), ResidualUnit(1))
        self.layer2 = nn.Sequential(ResidualUnit(2), ResidualUnit(1))
        self.conv2 = nn.Conv2d(32, 32, 3, (2, 1), 1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)

    def forward(self, x):
        y = self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x.unsqueeze(1))))))
        return F.relu(self.bn2(self.conv2(y))).flatten(1, 2)


class Masked(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.linear_local = nn.Conv1d(BOTTLENECK, GROWTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.linear1 = nn.Conv1d(BOTTLENECK, BOTTLENECK // 2, 1)
        self.linear2 = nn.Conv1d(BOTTLENECK // 2, GROWTH, 1)

    def forward(self, x):
        segments = F.avg_pool1d(x, SEGMENT, SEGMENT, ceil_mode=True)
        mask = torch.sigmoid(self.linear2(F.relu(self.linear1(x.mean(-1, keepdim=True) + segments))))
        return self.linear_local(x) * mask.repeat_interleave(SEGMENT, -1)[..., : x.shape[-1]]


class Layer(nn.Module):
    def __init__(self, width, dilation):
        super().__init__()
        self.nonlinear1 = norm_relu(width)
        self.linear1 = nn.Conv1d(width, BOTTLENECK, 1, bias=False)
        self.nonlinear2 = norm_relu(BOTTLENECK)
        self.cam_layer = Masked(dilation)

    def forward(self, x):
        return torch.cat([x, self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))], 1)


class Statistics(nn.Module):
    def forward(self, x):
        return torch.cat([x.mean(-1), x.std(-1, unbiased=True)], -1).unsqueeze(-1)


class Campplus(nn.Module):
    """Log energies [B, T, 80] to embeddings [B, 192]."""

    def __init__(self):
        super().__init__()
        self.head = Head()
        parts = {"tdnn": Named(linear=nn.Conv1d(320, 128, 5, 2, 2, bias=False), nonlinear=norm_relu(128))}
        for number, (width, layers, dilation, out) in enumerate(BLOCKS, 1):
            dense = {"tdnnd%d" % (i + 1): Layer(width + i * GROWTH, dilation) for i in range(layers)}
            width += layers * GROWTH
            parts["block%d" % number] = Named(**dense)
            parts["transit%d" % number] = Named(nonlinear=norm_relu(width), linear=nn.Conv1d(width, out, 1, bias=False))
        parts["out_nonlinear"] = norm_relu(512)
        parts["stats"] = Statistics()
        last = Named(batchnorm=nn.BatchNorm1d(192, affine=False))
        parts["dense"] = Named(linear=nn.Conv1d(1024, 192, 1, bias=False), nonlinear=last)
        self.xvector = Named(**parts)

    def forward(self, energies):
        features = energies - energies.mean(1, keepdim=True)
        return self.xvector(self.head(features.transpose(1, 2))).squeeze(-1)
