"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from newspaper import labelled

from annotate.classify.labelled import Labelled
from annotate.codebook import read_codebook
from annotate.types import Codebook

# Hypothesis' own deadline measures a busy machine, not the code; the seed is fixed so that a run can be repeated.
settings.register_profile("nutgraf", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nutgraf")


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return read_codebook()


@pytest.fixture(scope="session")
def twelve_articles(codebook: Codebook) -> Labelled:
    return labelled(12, codebook)
