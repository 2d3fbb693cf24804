/// How the page looks: light or dark as the reader's system is, one column, nothing wider than a phone but what
/// scrolls by itself.
enum PageStyle {
  static let text = """
    :root { color-scheme: light dark; --page: #ffffff; --text: #1a1c1f; --quiet: #565b63; --line: #d5d8dd;
      --track: #eef0f3; --mark: #0b5cad; --base: #6b7078; --warn: #8a4b00; --warn-page: #fff4e5;
      --series-0: #0b5cad; --series-1: #b04a00; --series-2: #00755e; --series-3: #8a2f9c; --series-4: #a8324a;
      --series-5: #5f6b00; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #14161a; --text: #e8eaed; --quiet: #a9afb8; --line: #3a3f47; --track: #22262c;
        --mark: #6cb2ff; --base: #9aa1ab; --warn: #ffc67d; --warn-page: #33260f;
        --series-0: #6cb2ff; --series-1: #ffb066; --series-2: #4fd1b0; --series-3: #dfa0ee; --series-4: #ff8fa3;
        --series-5: #ccd75a; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--page); color: var(--text);
      font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
    h3 { font-size: 1rem; margin: 1rem 0 .25rem; } h4 { font-size: .9rem; margin: 1rem 0 .25rem; }
    .answer { font-size: 1.15rem; border-left: .3rem solid var(--mark); padding-left: .8rem; }
    .warn { background: var(--warn-page); color: var(--warn); padding: .6rem .8rem; border-radius: .3rem; }
    .quiet, caption, figcaption { color: var(--quiet); font-size: .9rem; text-align: left; }
    dl { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: .2rem 1rem; }
    dt { color: var(--quiet); } dd { margin: 0; }
    figure { margin: 0 0 1rem; }
    .row { display: grid; grid-template-columns: minmax(6rem, 12rem) 1fr minmax(4rem, 11rem); gap: .75rem;
      align-items: center; padding: .2rem 0; }
    .row .value { font-variant-numeric: tabular-nums; }
    @media (max-width: 36rem) { .row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem; }
      .row .track { flex-basis: 100%; order: 3; } }
    .track { position: relative; height: 1.1rem; background: var(--track); border-radius: .2rem; }
    .track span { position: absolute; display: block; }
    .bar { left: 0; top: 0; bottom: 0; background: var(--mark); border-radius: .2rem; min-width: 2px; }
    .bar.base, .dot.base { background: var(--base); }
    .range { top: calc(50% - 1px); height: 3px; background: var(--mark); min-width: 2px; }
    .dot { top: calc(50% - .35rem); width: .7rem; height: .7rem; margin-left: -.35rem; border-radius: 50%;
      background: var(--mark); }
    .dot.small { width: .45rem; height: .45rem; top: calc(50% - .225rem); margin-left: -.225rem; opacity: .75; }
    .range.base { background: var(--base); }
    .tick { top: 0; bottom: 0; width: 1px; background: var(--line); }
    .row.scale { padding: 0; color: var(--quiet); font-size: .8rem; } .row.scale .track { background: none; }
    .track .at { transform: translateX(-50%); white-space: nowrap; }
    .track .at.first { transform: none; } .track .at.last { transform: translateX(-100%); }
    .one { top: -.2rem; bottom: -.2rem; width: 2px; background: var(--base); }
    summary { color: var(--quiet); font-size: .9rem; cursor: pointer; }
    .legend { list-style: none; margin: .25rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
    .legend svg { display: inline-block; width: 2.2rem; height: .8rem; margin-right: .4rem; }
    .scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--mark); }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
    th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; text-align: right;
      white-space: nowrap; overflow-wrap: normal; }
    th:first-child { text-align: left; }
    pre { background: var(--track); padding: .7rem; border-radius: .3rem; white-space: pre-wrap; }
    svg { width: 100%; max-width: 40rem; height: auto; display: block; }
    svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
    svg .axis { stroke: var(--line); stroke-width: 1; } svg .grid { stroke: var(--line); stroke-width: .5; }
    svg .curve { fill: none; stroke-width: 2.5; }
    """
}
