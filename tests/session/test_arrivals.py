"""Waiting in a loop for what another thread finishes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest
from loops import run

from annotate.session.arrivals import Arrivals


def finish(*outcomes):
    """Finish futures in another thread, in their order, and wait until it is done."""

    def work():
        for future, result in outcomes:
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_each_gets_what_is_theirs_and_the_loop_is_woken_once():
    async def wait():
        loop = asyncio.get_running_loop()
        woken, call = [], loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *work: woken.append(1) or call(*work)
        arrivals = Arrivals(loop)
        futures = [Future() for _ in range(20)]
        waiting = [asyncio.create_task(arrivals.wait(future)) for future in futures]
        await asyncio.sleep(0)
        finish(*((future, number) for number, future in enumerate(futures)))
        assert len(woken) == 1
        return await asyncio.gather(*waiting)

    assert run(wait()) == list(range(20))


def test_what_is_finished_already_is_not_waited_for_in_vain():
    async def wait():
        future = Future()
        future.set_result("stored")
        return await asyncio.wait_for(Arrivals(asyncio.get_running_loop()).wait(future), 10)

    assert run(wait()) == "stored"


def test_a_refusal_is_raised_where_it_is_waited_for():
    async def wait():
        future = Future()
        waiting = asyncio.create_task(Arrivals(asyncio.get_running_loop()).wait(future))
        await asyncio.sleep(0)
        finish((future, ValueError("no")))
        await waiting

    with pytest.raises(ValueError, match="no"):
        run(wait())


def test_who_no_longer_waits_holds_up_nobody():
    async def wait():
        arrivals = Arrivals(asyncio.get_running_loop())
        gone, here = Future(), Future()
        left, stays = (asyncio.create_task(arrivals.wait(future)) for future in (gone, here))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.sleep(0)
        finish((gone, 1), (here, 2))
        return await stays

    assert run(wait()) == 2


def test_what_is_finished_after_the_loop_has_closed_is_nobodys_trouble():
    async def begin(future):
        waiting = asyncio.create_task(Arrivals(asyncio.get_running_loop()).wait(future))
        await asyncio.sleep(0)
        waiting.cancel()

    future = Future()
    run(begin(future))
    finish((future, 1))
    assert future.result() == 1
