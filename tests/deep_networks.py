"""Programs with deep networks, as text."""

from __future__ import annotations

RESNET50 = """\
import torch
from torch import nn


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inplanes, planes, stride=1, downsample=None):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * self.expansion, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, layers, classes=1000):
        super().__init__()
        self.inplanes = 64
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self.make_layer(64, layers[0])
        self.layer2 = self.make_layer(128, layers[1], 2)
        self.layer3 = self.make_layer(256, layers[2], 2)
        self.layer4 = self.make_layer(512, layers[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * Bottleneck.expansion, classes)

    def make_layer(self, planes, blocks, stride=1):
        downsample = nn.Sequential(
            nn.Conv2d(self.inplanes, planes * 4, 1, stride, bias=False), nn.BatchNorm2d(planes * 4)
        )
        layers = [Bottleneck(self.inplanes, planes, stride, downsample)]
        self.inplanes = planes * 4
        for _ in range(1, blocks):
            layers.append(Bottleneck(self.inplanes, planes))
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


net = ResNet([3, 4, 6, 3])
net(torch.randn(1, 3, 224, 224))
"""

LADDER = """\
from torch import nn, ones

layers = [nn.Linear(k, k + 1) for k in range(1, 1001)]
nn.Sequential(*layers)(ones(2, 1))
"""

TOWERS = """\
from torch import nn, ones

class Tower(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(k, k + 1) for k in range(size, size + 40)])

    def forward(self, x):
        return self.layers(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.towers = nn.ModuleList([Tower(k) for k in range(1, 1200, 40)])
        self.head = nn.Linear(7, 2)

    def forward(self, x):
        for tower in self.towers:
            x = tower(x)
        return self.head(x)

Net()(ones(2, 1))
"""
