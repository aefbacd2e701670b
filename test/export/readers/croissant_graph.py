"""Reads croissant.json of a package as a graph, holds it against the files, and prints what is wrong."""

import glob
import hashlib
import json
import os
import sys

import pyarrow
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef

folder = sys.argv[1]
SC = Namespace("http://schema.org/")
CR = Namespace("http://mlcommons.org/croissant/")
PROV = Namespace("http://www.w3.org/ns/prov#")
BASE = "https://example.org/package/"

# Terms of each vocabulary that a dataset may use; JSON-LD would take any other word for one of schema.org's.
KNOWN = {
    str(SC): "Dataset Organization CreativeWork name alternateName description license url creator "
    "datePublished dateModified version keywords distribution contentUrl contentSize encodingFormat "
    "sha256 Text DateTime Boolean",
    str(CR): "FileObject FileSet RecordSet Field isLiveDataset citeAs includes recordSet key field "
    "dataType source fileObject fileSet extract column transform jsonPath references isArray "
    "arrayShape subField Int64 Float64",
    str(CR) + "RAI/": "dataCollection dataCollectionType dataCollectionTimeframe dataCollectionRawData "
    "dataCollectionMissingData dataBiases dataLimitations personalSensitiveInformation dataUseCases "
    "dataReleaseMaintenancePlan",
    str(PROV): "Entity Activity SoftwareAgent wasDerivedFrom wasGeneratedBy wasAssociatedWith "
    "startedAtTime endedAtTime",
    "http://purl.org/dc/terms/": "conformsTo",
}
TERMS = {URIRef(space + name) for space, names in KNOWN.items() for name in names.split()}
TYPES = {
    SC.Text: pyarrow.types.is_string,
    SC.DateTime: pyarrow.types.is_timestamp,
    SC.Boolean: pyarrow.types.is_boolean,
    CR.Int64: pyarrow.types.is_int64,
    CR.Float64: pyarrow.types.is_float64,
}

wrong = []
graph = Graph()
with open(os.path.join(folder, "croissant.json"), encoding="utf-8") as file:
    document = json.load(file)
if not isinstance(document["@context"], dict):
    wrong.append("the context is not in the file")
graph.parse(data=json.dumps(document), format="json-ld", publicID=BASE)


def say(words, *terms):
    wrong.append(" ".join([words, *(str(each).replace(BASE, "") for each in terms)]))


def value(subject, name):
    """The one value that a subject has for a name; None where it has none or several."""
    values = list(graph.objects(subject, name))
    return values[0] if len(values) == 1 else None


def is_a(subject, kind):
    return (subject, RDF.type, kind) in graph


used = set(graph.predicates()) | set(graph.objects(None, RDF.type)) | set(graph.objects(None, CR.dataType))
for term in sorted(used - TERMS - {RDF.type}):
    say("no known vocabulary has", term)
for subject, name, target in graph:
    if isinstance(target, URIRef) and name not in (RDF.type, CR.dataType):
        if (target, None, None) not in graph:
            say("nothing is", target)
for name in (PROV.startedAtTime, PROV.endedAtTime):
    for time in graph.objects(None, name):
        if time.datatype != XSD.dateTime or time.ill_typed is not False:
            say("no time:", time)

for file in graph.subjects(RDF.type, CR.FileObject):
    path = os.path.join(folder, value(file, SC.contentUrl))
    with open(path, "rb") as content:
        digest = hashlib.sha256(content.read()).hexdigest()
    if digest != str(value(file, SC.sha256)):
        say("another digest has", file)
    if f"{os.path.getsize(path)} B" != str(value(file, SC.contentSize)):
        say("another size has", file)


def paths_of(source):
    """The files of a source: one that is named, or all that a pattern names."""
    file, of_files = value(source, CR.fileObject), value(source, CR.fileSet)
    if file is not None and is_a(file, CR.FileObject):
        return [str(value(file, SC.contentUrl))]
    if of_files is not None and is_a(of_files, CR.FileSet):
        return sorted(glob.glob(str(value(of_files, CR.includes)), root_dir=folder))
    return []


def read(path):
    where = os.path.join(folder, path)
    if path.endswith(".parquet"):
        return pyarrow.parquet.ParquetFile(where).read()
    if path.endswith(".ndjson"):
        return pyarrow.json.read_json(where)
    return pyarrow.csv.read_csv(
        where,
        read_options=pyarrow.csv.ReadOptions(block_size=2**28),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
    )


def check_type(field, kind):
    told = value(field, CR.dataType)
    if told not in TYPES or not TYPES[told](kind):
        say(f"{kind} is not {told} in", field)


def check_items(field, kind):
    """The fields of the items of a list are those of its struct."""
    items = {each.name: each.type for each in kind.value_type}
    for item in graph.objects(field, CR.subField):
        name = str(value(value(value(item, CR.source), CR.transform), CR.jsonPath))
        if name in items:
            check_type(item, items.pop(name))
        else:
            say("no such item:", item)
    if items:
        say(f"left out is {', '.join(items)} in", field)


def check_field(field, table, has_types):
    column = str(value(value(value(field, CR.source), CR.extract), CR.column))
    if column not in table.column_names:
        return say("no such column:", field)
    kind = table.schema.field(column).type
    if value(field, CR.isArray) == Literal(True):
        check_items(field, kind)
    elif has_types:
        check_type(field, kind)
    return column


tables = {}
for records in graph.subjects(RDF.type, CR.RecordSet):
    fields = list(graph.objects(records, CR.field))
    paths = {path for each in fields for path in paths_of(value(each, CR.source))}
    if len({tuple(paths_of(value(each, CR.source))) for each in fields}) != 1 or not paths:
        say("no one source has", records)
        continue
    table = pyarrow.concat_tables([read(path) for path in sorted(paths)])
    has_types = all(path.endswith(".parquet") for path in paths)
    columns = {each: check_field(each, table, has_types) for each in fields}
    tables.update({each: table[column] for each, column in columns.items() if column})
    for column in set(table.column_names) - set(columns.values()):
        say(f"left out is {column} of", records)
    keys = [columns.get(each) for each in graph.objects(records, CR.key)]
    if not keys or None in keys:
        say("no key has", records)
    elif len(table.group_by(keys).aggregate([])) != len(table):
        say("the same key twice in", records)

references = 0
for field, target in graph.subject_objects(CR.references):
    references += 1
    if field in tables and target in tables:
        named = set(tables[field].drop_null().to_pylist())
        if not named.issubset(tables[target].to_pylist()):
            say("not all are held of", field)

print(json.dumps({"wrong": sorted(wrong), "fields": len(tables), "references": references}))
