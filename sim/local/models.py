"""Unpacks the service models of a botocore wheel into plain JSON: models.py WHEEL DIRECTORY.

One file a service, under IAM's name for it, each with the newest API version the wheel has.
"""

import gzip
import pathlib
import sys
import zipfile

# IAM's name -> botocore's.
SERVICES = {
    "dynamodb": "dynamodb",
    "ecr": "ecr",
    "ecs": "ecs",
    "events": "events",
    "logs": "logs",
    "scheduler": "scheduler",
    "ssm": "ssm",
    "states": "stepfunctions",
    "sts": "sts",
}


def main(wheel, directory):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for iam, botocore in SERVICES.items():
            versions = [
                name
                for name in names
                if name.startswith(f"botocore/data/{botocore}/") and name.endswith("/service-2.json.gz")
            ]
            model = gzip.decompress(archive.read(max(versions)))
            pathlib.Path(directory, f"{iam}.json").write_bytes(model)


main(*sys.argv[1:])
