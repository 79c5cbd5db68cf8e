"""What wiring gives to connectors: the words of the watches that hear their platform, a filter for whole networks."""

from tents import HouseInATent

from bot.config.models import Source, TermRow
from bot.model import Platform


def source(kind: Platform) -> Source:
    return Source(kind=kind, name="s", account="fjordfon_hilft")


def test_a_connector_may_search_for_what_the_watches_name(tent: HouseInATent) -> None:
    tools = tent.wiring.tools(source(Platform.X), watches=tent.config.watches)
    assert "Fjordfon" in tools.terms
    assert len(tools.terms) == len(set(tools.terms))


def test_a_watch_without_any_gives_the_groups_that_it_asks_for_together(tent: HouseInATent) -> None:
    group = tuple(TermRow(text=text, file="here.yaml", line=1) for text in ("Kiel", "Husum"))
    watch = tent.config.watches[0].model_copy(update={"any": (), "all": (group, group[:1])})
    both = watch.model_copy(update={"any": group})
    tools = tent.wiring.tools(source(Platform.X), watches=[watch, both])
    assert tools.together == ((("Kiel", "Husum"), ("Kiel",)),)
    assert tools.terms == ("Kiel", "Husum")


def test_a_watch_for_another_platform_is_not_searched_for(tent: HouseInATent) -> None:
    here = [watch.model_copy(update={"platforms": (Platform.REDDIT,)}) for watch in tent.config.watches]
    assert tent.wiring.tools(source(Platform.X), watches=here).terms == ()
    assert tent.wiring.tools(source(Platform.REDDIT), watches=here).terms != ()


def test_a_stream_of_everything_is_given_the_watches_as_its_filter(tent: HouseInATent) -> None:
    tools = tent.wiring.tools(source(Platform.JETSTREAM), watches=tent.config.watches)
    assert tools.keep("Fjordfon Internet ist tot")
    assert not tools.keep("Heute ist Markt in Kiel")
    assert tent.wiring.tools(source(Platform.MASTODON), watches=tent.config.watches).keep("Heute ist Markt")
