from annotate.agreement import certify as certify
from annotate.agreement.reading import read_ratings as read_ratings
from annotate.classify.evaluate import evaluate as evaluate
from annotate.classify.model import load_model as load_model
from annotate.classify.model import train as train
from annotate.codebook import read_codebook as read_codebook
from annotate.exchange.doccano import write_doccano as write_doccano
from annotate.exchange.hf import write_datasets as write_datasets
from annotate.exchange.labelled import read_labelled as read_labelled
from annotate.exchange.sentences import read_sentences as read_sentences
from annotate.readers import read_articles as read_articles
from annotate.sentences import split as split
from annotate.tables import write_table as write_table

__version__: str
