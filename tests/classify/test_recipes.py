"""Recipes as files: what they say is what is built, and what is wrong is said with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.classify.estimators import settings_of
from annotate.classify.recipes import DEFAULT, Recipe, build, packaged, packaged_file, read_recipe
from annotate.errors import NoSuchFile, RecipeError

STACK = 'name = "mine"\nestimator = "article-stack"\n'


@pytest.fixture
def written(tmp_path):
    def write(text: str):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_default_is_there_and_stands_first():
    assert packaged()[0] == DEFAULT == "fast"
    assert "linear" in packaged()


@pytest.mark.parametrize("name", packaged())
def test_a_recipe_that_comes_with_nutgraf_is_called_as_its_file_and_says_every_setting(name):
    recipe = read_recipe(name)
    assert recipe.name == name
    assert recipe.about
    for setting in settings_of(recipe.estimator).__struct_fields__:
        assert f"\n{setting} = " in packaged_file(name).read_text(encoding="utf-8")


def test_a_setting_reaches_the_estimator_and_the_others_keep_their_value(written):
    estimator = build(written(STACK + "[settings]\nn_rounds = 7\n"))
    assert estimator.n_rounds == 7
    assert estimator.n_networks == build("fast").n_networks
    assert build(written('name = "l"\nestimator = "linear"\nsettings.inverse_penalty = 1')).steps[-1][1].C == 1.0


def test_a_recipe_written_out_is_read_back_as_it_was(written):
    recipe = read_recipe(
        written(STACK + 'about = "a \\"fine\\" one: 漢字"\n[settings]\nn_rounds = 7\n[grid]\nn_folds = [2, 3]')
    )
    assert read_recipe(written(recipe.as_toml())) == recipe


@given(name=st.text(min_size=1), about=st.text(), rounds=st.integers(1, 10**6), calibrate=st.booleans())
def test_any_name_and_setting_survives_being_written(tmp_path_factory, name, about, rounds, calibrate):
    recipe = Recipe(name, "article-stack", about, {"n_rounds": rounds, "calibrate": calibrate})
    path = tmp_path_factory.mktemp("recipe") / "any.toml"
    path.write_text(recipe.as_toml(), encoding="utf-8", newline="")
    found = read_recipe(path)
    assert (found.name, found.about) == (name, about)
    assert found.settings["n_rounds"] == rounds
    assert found.settings["calibrate"] is calibrate


def test_a_grid_has_a_variant_for_each_combination(written):
    recipe = read_recipe(written(STACK + "[grid]\nn_rounds = [5, 10]\nn_networks = [1, 2]\n"))
    assert [(v.settings["n_rounds"], v.settings["n_networks"]) for v in recipe.variants()] == [
        (5, 1),
        (5, 2),
        (10, 1),
        (10, 2),
    ]
    assert all(not variant.grid for variant in recipe.variants())
    assert read_recipe("fast").variants() == (read_recipe("fast"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", r":1: is not TOML"),
        (STACK + "color = 3\n", r":3: a recipe has no field `color`; the fields are"),
        (STACK + "setings = 3\n", r":3: .*did you mean `settings`"),
        ('name = "mine"\n', r"missing required field `estimator`"),
        ('name = ""\nestimator = "linear"\n', r":1: `name`"),
        ('name = "mine"\nestimator = "magic"\n', r":2: no estimator is called 'magic'; choose one of: linear"),
        (STACK + "[settings]\n\nn_round = 3\n", r":5: .*no setting `n_round`; did you mean `n_rounds`"),
        (STACK + "[settings]\nn_rounds = 'many'\n", r":4: `n_rounds`: expected `int`, got `str`"),
        (STACK + "[settings]\nn_folds = 1\n", r":4: `n_folds`: expected `int` >= 2"),
        (STACK + "settings = 3\n", r":3: `settings`: expected `table`"),
        (STACK + "[settings]\nlanguage = 'xx'\n", r":4: .*'xx'.*choose one of: .*en"),
        (STACK + "[grid]\nn_rounds = 3\n", r":3: `grid`: expected `array`, got `int`"),
        (STACK + "[grid]\nn_rounds = []\n", r":4: the grid's `n_rounds` is empty"),
        (STACK + "[settings]\nn_rounds = 3\n[grid]\nn_rounds = [1, true]\n", r":6: `n_rounds`"),
        (STACK + f"[grid]\nn_rounds = {list(range(1, 66))}\n", r":3: the grid holds 65 combinations"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_said_with_its_line(written, text, words):
    path = written(text)
    with pytest.raises(RecipeError, match=words) as raised:
        read_recipe(path)
    assert str(raised.value).startswith(str(path))


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + STACK.replace("\n", "\r\n").encode())
    assert read_recipe(path).name == "mine"


def test_what_is_no_text_or_not_there_is_refused(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b'name = "mine"\nabout = "caf\xe9"\n')
    with pytest.raises(RecipeError, match=r"latin.toml:2: is not UTF-8"):
        read_recipe(tmp_path / "latin.toml")
    with pytest.raises(NoSuchFile):
        read_recipe(tmp_path / "none.toml")


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(RecipeError, match=r"'magic'; choose one of: fast, .*linear"):
        build("magic")


def test_a_recipe_that_leaves_settings_open_builds_nothing(written):
    with pytest.raises(RecipeError, match="leaves settings open"):
        build(written(STACK + "[grid]\nn_rounds = [5, 10]\n"))
