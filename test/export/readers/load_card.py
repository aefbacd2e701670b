"""Loads all that the card of a package configures with `datasets`, offline, and prints what came."""

import json
import os
import sys
import tempfile

folder, *column = sys.argv[1:]
home = tempfile.TemporaryDirectory()
os.environ.update(HF_HOME=home.name, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1")

import datasets
import pyarrow
import pyarrow.parquet
from huggingface_hub import DatasetCard

datasets.disable_progress_bars()
datasets.logging.set_verbosity_error()
card = DatasetCard.load(os.path.join(folder, "README.md")).data.to_dict()
infos = {each["config_name"]: each for each in card.get("dataset_info", [])}


def features_of(path):
    """What the file itself says its columns are; None where its format has no types."""
    if path.endswith(".arrow"):
        schema = pyarrow.ipc.open_file(path).schema
    elif path.endswith(".parquet"):
        schema = pyarrow.parquet.read_schema(path)
    else:
        return None
    return datasets.Features.from_arrow_schema(schema)


def load(name, **how):
    return datasets.load_dataset(folder, name, split="train", **how)


loaded = {}
for name, info in infos.items():
    whole = load(name, verification_mode="all_checks")
    pages = load(name, streaming=True).with_format("arrow").iter(batch_size=1000)
    declared = datasets.Features._from_yaml_list(info["features"])
    files = datasets.load_dataset_builder(folder, name).config.data_files["train"]
    loaded[name] = {
        "rows": whole.num_rows,
        "declared": info["splits"][0]["num_examples"],
        "streamed": sum(page.num_rows for page in pages),
        "bytes": info["download_size"] - sum(os.path.getsize(path) for path in files),
        "as_declared": whole.features == declared,
        "as_in_files": all(features_of(path) in (None, declared) for path in files),
    }

names = datasets.get_dataset_config_names(folder)
print(
    json.dumps(
        {
            "configs": [each["config_name"] for each in card.get("configs", [])],
            "found": names,
            "loaded": loaded,
            "default": "posts" in infos and datasets.load_dataset(folder)["train"].column_names[0],
            "values": load(column[0])[column[1]][:] if column else None,
        }
    )
)
