"""What a careful reader uses: scikit-learn transformers from a sample to dense features.

Every transformer reads a unit's whole page: a sentence gets the same features whatever else is in the sample.
"""

from annotate.classify.features.transformers import (
    AttributionFeatures,
    DocumentFeatures,
    FurnitureFeatures,
    LoadedFeatures,
    PageFeatures,
    QuoteFeatures,
    ReaderFeatures,
)

__all__ = [
    "AttributionFeatures",
    "DocumentFeatures",
    "FurnitureFeatures",
    "LoadedFeatures",
    "PageFeatures",
    "QuoteFeatures",
    "ReaderFeatures",
]
