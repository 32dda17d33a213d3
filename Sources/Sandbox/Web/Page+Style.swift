extension Page {
    /// Colours keep at least 4.5:1 between text and ground in both schemes.
    static let style = #"""
        :root { --ground: #efece4; --card: #fffdf8; --ink: #20242c; --soft: #5a5f6a; --line: #d9d4c7;
          --accent: #0b3ea8; --on-accent: #fff; --phone: #1b2030; --wall: linear-gradient(160deg, #0b3ea8, #3f7de0
          60%, #9cc3f5);
          --push: #fffffff2; --push-ink: #1b2030; --push-soft: #4d5563; --warn: #8a2c0d; --picked: #e4ecfb; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14161b; --card: #1d2129; --ink: #eceef2; --soft:
          #a7adba;
          --line: #343a46; --accent: #8db6ff; --on-accent: #0b1730; --phone: #05070b;
          --wall: linear-gradient(160deg, #0a1c46, #1d4b96 60%, #3a6cae); --push: #232a37f5; --push-ink: #f1f3f7;
          --push-soft: #b9c0cd; --warn: #ffb08f; --picked: #263350; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 16px/1.5 "Titillium Web", "Segoe UI", system-ui, -apple-system, sans-serif; }
        h1, h2, h3, p { margin: 0; } ol { list-style: none; margin: 0; padding: 0; }
        button, input { font: inherit; color: inherit; }
        button { cursor: pointer; }
        a { color: var(--accent); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        .skip { position: absolute; left: -999px; }
        .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 2; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        header { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: center; padding: 1.1rem clamp(1rem,
          4vw, 3rem);
          border-bottom: 1px solid var(--line); background: var(--card); }
        .brand { flex: 1 1 20rem; }
        h1 { font-size: 1.45rem; letter-spacing: -.01em; line-height: 1.2; }
        h1 span { font-weight: 400; color: var(--soft); }
        .brand p { color: var(--soft); font-size: .95rem; }
        header dl { display: flex; gap: 1.6rem; margin: 0; }
        header dt { font-size: .8rem; color: var(--soft); }
        header dd { margin: 0; font-size: 1.35rem; font-weight: 650; line-height: 1.1; font-variant-numeric:
          tabular-nums; }
        .languages { display: flex; border: 1px solid var(--line); border-radius: 999px; padding: 3px; }
        .languages button { border: 0; background: none; border-radius: 999px; padding: .25rem .8rem; font-size:
          .9rem; }
        .languages button[aria-pressed=true] { background: var(--accent); color: var(--on-accent); }
        #lost { background: var(--warn); color: var(--card); padding: .6rem clamp(1rem, 4vw, 3rem); }
        main { display: grid; grid-template-columns: 23rem minmax(0, 1fr); gap: 2.5rem; align-items: start;
          padding: 1.6rem clamp(1rem, 4vw, 3rem) 3rem; max-width: 92rem; margin: auto; }
        h2 { font-size: 1.1rem; margin-bottom: .5rem; }
        section { display: grid; }
        .filter { display: flex; gap: .7rem; align-items: center; margin-bottom: 1rem; font-size: .9rem; color:
          var(--soft); }
        .filter input { flex: 1; min-width: 0; border: 1px solid var(--soft); border-radius: .5rem; padding: .35rem
          .7rem;
          background: var(--card); color: var(--ink); }
        .phone { background: var(--phone); border-radius: 3rem; padding: .8rem; box-shadow: 0 1.2rem 3rem #0003;
          width: min(100%, 23rem); }
        .bar { position: relative; z-index: 1; display: flex; justify-content: space-between; align-items: center;
          color: #fff;
          font-size: .85rem; font-weight: 600; padding: .75rem 1.6rem 0; margin-bottom: -2.2rem; height: 2.2rem; }
        .bar i { width: 6rem; height: 1.5rem; border-radius: 1rem; background: var(--phone); }
        .screen { height: 41rem; border-radius: 2.3rem; background: var(--wall); overflow: auto; padding: 3.2rem
          .8rem 1rem;
          scrollbar-width: thin; }
        .screen:has(#message:not([hidden])) { background: var(--card); }
        .screen:has(#message:not([hidden])) #pushes { display: none; }
        .io:has(#message:not([hidden])) .bar { color: var(--ink); background: var(--card); border-radius: 2.3rem
          2.3rem 0 0; }
        .pushes li + li { margin-top: .5rem; }
        .pushes button { width: 100%; border: 0; text-align: left; border-radius: 1.1rem; padding: .7rem .9rem;
          background: var(--push); color: var(--push-ink); display: grid; grid-template-columns: 2.3rem 1fr auto;
          gap: 0 .7rem; }
        .pushes .app { grid-row: span 3; width: 2.3rem; height: 2.3rem; border-radius: .6rem; background: #0b3ee3;
          color: #fff;
          display: grid; place-items: center; font-weight: 700; }
        .pushes small { color: var(--push-soft); font-size: .8rem; }
        .pushes strong { grid-column: 2 / 4; font-weight: 620; line-height: 1.3; overflow-wrap: anywhere; }
        .pushes .code { grid-column: 2 / 4; font-family: ui-monospace, monospace; }
        .fresh button { animation: drop .45s ease-out; }
        @keyframes drop { from { transform: translateY(-1.5rem); opacity: 0; } }
        @media (prefers-reduced-motion: reduce) { .fresh button { animation: none; } }
        .phone .empty { color: #fff; text-align: center; padding-top: 14rem; }
        #message { padding: .6rem .6rem 1rem; overflow-wrap: anywhere; }
        #back { border: 0; background: none; color: var(--accent); padding: .3rem .2rem; margin: 0 0 .8rem -.2rem;
          font-weight: 600; }
        .sender { font-size: .85rem; color: var(--soft); }
        #message h3 { font-size: 1.3rem; line-height: 1.25; margin: .1rem 0 .4rem; }
        .meta, .note { font-size: .85rem; color: var(--soft); }
        .due { border-left: 4px solid var(--accent); padding: .2rem .7rem; margin: .7rem 0; font-size: .95rem; }
        #m-body { margin-top: 1rem; }
        #m-body > * { margin: 0 0 .8rem; } #m-body ul, #m-body ol { padding-left: 1.3rem; list-style: revert; }
        #m-body h4, #m-body h5, #m-body h6 { font-size: 1.05rem; line-height: 1.3; }
        #m-body code { background: var(--ground); border-radius: .3rem; padding: 0 .3rem; }
        .pay { margin: .7rem 0; } .pay:has([hidden]) { display: none; }
        #m-pay { width: 100%; border: 0; border-radius: .6rem; padding: .7rem; font: inherit; font-weight: 600;
          background: var(--accent); color: var(--on-accent); cursor: pointer; }
        #m-pay:disabled { background: none; color: inherit; border: 1px solid currentColor; cursor: default; }
        #m-ctas a, #m-ctas span { display: block; text-align: center; border-radius: .6rem; padding: .7rem;
          margin-top: .6rem;
          background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; }
        #m-ctas .second { background: none; color: var(--accent); border: 2px solid var(--accent); }
        #m-ctas span { background: none; color: var(--warn); border: 1px dashed var(--warn); }
        .chat { grid-column: 1 / -1; }
        .chats { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; max-height:
          40rem; overflow: auto; }
        .chats li { background: var(--card); border: 1px solid var(--line); border-radius: .3rem 1rem 1rem;
          padding: .8rem 1rem; align-self: start; overflow-wrap: anywhere; white-space: pre-wrap; }
        .chats small { display: block; color: var(--soft); font-size: .82rem; }
        .chats .button { display: inline-block; border: 1px solid var(--accent); color: var(--accent);
          border-radius: 999px; padding: .1rem .8rem; margin: .4rem .4rem 0 0; font-size: .9rem; }
        .chats .empty { border: 0; background: none; }
        .note { margin-top: .8rem; max-width: 23rem; }
        .panes { display: grid; grid-template-columns: minmax(15rem, 2fr) minmax(0, 3fr); background: var(--card);
          border: 1px solid var(--line); border-radius: 1rem; overflow: hidden; height: 43rem; }
        .mails { overflow: auto; border-right: 1px solid var(--line); scrollbar-width: thin; }
        .mails button { width: 100%; text-align: left; border: 0; border-bottom: 1px solid var(--line); background:
          none;
          padding: .75rem 1rem; display: grid; grid-template-columns: 1fr auto; gap: 0 .7rem; }
        .mails button:hover { background: var(--picked); }
        .mails button:focus-visible { outline-offset: -3px; }
        .mails button[aria-current=true] { background: var(--picked); box-shadow: inset 4px 0 var(--accent); }
        .mails span, .mails strong { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .mails strong { grid-column: 1 / 3; font-weight: 620; }
        .mails span { font-size: .88rem; color: var(--soft); } .mails time { font-size: .82rem; color: var(--soft); }
        .reader { padding: 1.4rem 1.6rem; overflow: auto; display: grid; }
        .reader:focus { outline: none; }
        .empty { color: var(--soft); place-self: center; padding: 2rem; }
        #mail-open { display: grid; grid-template-rows: auto auto auto 1fr; min-height: 0; }
        #mail-open[hidden] { display: none; }
        .reader h3 { font-size: 1.3rem; line-height: 1.3; overflow-wrap: anywhere; }
        .envelope { display: grid; grid-template-columns: auto 1fr; gap: 0 .8rem; font-size: .9rem; margin: .6rem 0
          1rem; }
        .envelope dt { color: var(--soft); } .envelope dd { margin: 0; overflow-wrap: anywhere; }
        .tabs { display: flex; gap: .4rem; align-items: center; margin-bottom: .8rem; font-size: .9rem; }
        .tabs button { border: 1px solid var(--line); background: none; border-radius: .5rem; padding: .25rem .8rem; }
        .tabs button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color:
          var(--on-accent); }
        .tabs button:disabled { opacity: .45; cursor: default; } .tabs a { margin-left: auto; }
        iframe { width: 100%; height: 100%; min-height: 24rem; border: 1px solid var(--line); border-radius: .6rem;
          background: #fff;
          color-scheme: light; }
        pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .95rem/1.55 ui-monospace, monospace; }
        [hidden] { display: none !important; }
        @media (max-width: 60rem) { main { grid-template-columns: 1fr; } .panes { grid-template-columns: 1fr; height:
          auto; }
          .mails { border-right: 0; max-height: 20rem; } .phone { margin: auto; } }

        """#
}
