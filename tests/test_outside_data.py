"""Data of scikit-learn and pandas, pictures of PIL and OpenCV: what becomes of them in tensors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Fixture, lint_problems
from torchshape_lint.check import check

LEARNING = """
import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_classification, make_moons
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler

iris = load_iris()
a = torch.tensor(iris.data)  # -> (150, 4)
b = torch.tensor(iris["target"])  # -> (150,)
X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
c = torch.from_numpy(StandardScaler().fit_transform(X_train).astype("float32"))  # -> (455, 30)
d = torch.from_numpy(y_test)  # -> (114,)
scaler = StandardScaler().fit(X_train)
e = torch.tensor(scaler.transform(X_test))  # -> (114, 30)
f = torch.tensor(load_digits().images)  # -> (1797, 8, 8)
points, side = make_moons(200, noise=0.1)
g = torch.tensor(points)  # -> (200, 2)
h = torch.tensor(make_classification(n_samples=50, n_features=7)[0])  # -> (50, 7)
t_train, t_test = train_test_split(torch.ones(40, 3), test_size=10)
i = t_train + 0  # -> (30, 3)
j = torch.tensor(LabelEncoder().fit_transform(y))  # -> (569,)
"""

FRAMES = """
import numpy as np
import pandas as pd
import torch

frame = pd.DataFrame({"a": np.arange(9), "b": np.arange(9), "y": np.zeros(9)})
k = torch.tensor(frame[["a", "b"]].values)  # -> (9, 2)
m = torch.tensor(frame["y"].to_numpy())  # -> (9,)
n = torch.tensor(frame.iloc[:, :-1].values)  # -> (9, 2)
o = torch.tensor(frame.iloc[:, -1].values)  # -> (9,)
p = torch.tensor(frame.drop(columns=["y"]).values)  # -> (9, _)
q = torch.tensor(frame[["a"]].astype("float32").to_numpy())  # -> (9, 1)
"""

PICTURES = """
import numpy as np
import torch
from PIL import Image
from torchvision import transforms

to_tensor = transforms.Compose([transforms.Resize((20, 30)), transforms.ToTensor()])
picture = Image.fromarray(np.zeros((40, 50, 3), dtype=np.uint8))
a = to_tensor(picture.convert("L"))  # -> (1, 20, 30)
b = to_tensor(picture)  # -> (3, 20, 30)
c = transforms.ToTensor()(picture.convert("RGBA").resize((9, 8)))  # -> (4, 8, 9)
d = transforms.ToTensor()(np.zeros((5, 6, 3), dtype=np.uint8))  # -> (3, 5, 6)
"""


@pytest.mark.parametrize(("text", "needed"), [(LEARNING, "sklearn"), (FRAMES, "pandas"), (PICTURES, "torchvision")])
def test_shapes(text: str, needed: str) -> None:
    """They are those of the packages themselves, where these are installed and can be imported."""
    fixture = Fixture(Path("data.py"), text)
    assert lint_problems(fixture) == []
    try:
        pytest.importorskip(needed, exc_type=ImportError)
    except RuntimeError as problem:  # torchvision beside a torch that it was not built for
        pytest.skip(str(problem))
    names: dict[str, object] = {}
    exec(text, names)
    for line, shapes in fixture.gives.items():
        name = text.split("\n")[line - 1].partition(" = ")[0]
        found = tuple(names[name].shape)  # type: ignore[attr-defined]
        (wanted,) = shapes
        assert len(found) == len(wanted) and all(w in (None, f) for w, f in zip(wanted, found, strict=True)), name


@pytest.mark.parametrize(
    "lines",
    [
        "x = df[['a', 'b']]\nx['c'] = 0\nx = x.values",
        "df.drop('y', axis=1, inplace=True)\nx = df.values",
        "x = df.drop('y', axis=1).values",
        "x = pd.get_dummies(df[['a', 'b']]).values",
        "x = df.iloc[:, 1:].values",
        "x = StandardScaler().fit_transform(df)",
        "x = OneHotEncoder().fit_transform(df[['a', 'b']])",
    ],
)
def test_columns_that_nobody_counted(lines: str) -> None:
    text = "import pandas as pd\nimport torch\nfrom sklearn.preprocessing import OneHotEncoder, StandardScaler\n"
    text += f"df = pd.read_csv('x.csv')\n{lines}\ntorch.tensor(x).float() @ torch.ones(3, 5)\n"
    assert check(text, "frames.py") == []


def test_channels_of_a_picture_that_is_opened() -> None:
    text = """
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

class Scans(Dataset):
    def __init__(self, paths, transform=None):
        self.paths, self.transform = paths, transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        picture = Image.open(self.paths[i]).convert("L")
        if self.transform:
            picture = self.transform(picture)
        return picture, i % 2

scans = Scans(["a.png", "b.png"], transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()]))
for x, y in DataLoader(scans, batch_size=2):
    nn.Conv2d(1, 4, 3)(x)
    nn.Conv2d(3, 4, 3)(x)
"""
    assert [(d.span.line, d.code.id) for d in check(text, "scans.py")] == [(24, "TSL102")]
