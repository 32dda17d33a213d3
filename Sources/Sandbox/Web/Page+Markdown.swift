extension Page {
    /// App IO's subset of Markdown, built as nodes; text never becomes markup.
    static let markdown = #"""
        'use strict';
        const make = (name, text, className) => {
          const node = document.createElement(name);
          if (text !== undefined) node.textContent = text;
          if (className) node.className = className;
          return node;
        };
        const safeLink = (url, schemes) => {
          try {
            const parsed = new URL(url);
            const local = ['localhost', '127.0.0.1'].includes(parsed.hostname);
            return schemes.includes(parsed.protocol) || (parsed.protocol === 'http:' && local) ? parsed.href : null;
          } catch { return null; }
        };
        const inlineRules = [
          [/^\\([!-\/:-@[-`{-~])/, m => document.createTextNode(m[1])],
          [/^`([^`\n]+)`/, m => make('code', m[1])],
          [/^\*\*\*(?=\S)([^\n]+?)\*\*\*/, m => { const b = make('strong'); b.append(inline(m[1], 'em')); return b; }],
          [/^(\*\*|__)(?=\S)([^\n]+?)\1/, m => inline(m[2], 'strong')],
          [/^([*_])(?=\S)([^\n]+?)\1/, m => inline(m[2], 'em')],
          [/^\[([^\]\n]+)\]\(([^()\s]+)\)/, m => {
            const href = safeLink(m[2], ['http:', 'https:', 'mailto:', 'tel:']);
            if (!href) return document.createTextNode(m[0]);
            const link = inline(m[1], 'a');
            link.href = href; link.target = '_blank'; link.rel = 'noopener noreferrer';
            return link;
          }],
        ];
        function inline(text, tag = 'span', depth = 0) {
          const node = make(tag);
          let plain = '', rest = text;
          const flush = () => { if (plain) { node.append(plain); plain = ''; } };
          scan: while (rest) {
            for (const [rule, build] of inlineRules) {
              const found = rule.exec(rest);
              if (!found) continue;
              flush();
              node.append(build(found));
              rest = rest.slice(found[0].length);
              continue scan;
            }
            const run = /^[^\\`*_[]+/.exec(rest);
            const taken = run ? run[0] : rest[0];
            plain += taken;
            rest = rest.slice(taken.length);
          }
          flush();
          return node;
        }
        function renderMarkdown(text) {
          const root = document.createDocumentFragment();
          let list = null, paragraph = [];
          const close = () => {
            if (paragraph.length) root.append(inline(paragraph.join('\n'), 'p'));
            paragraph = [];
          };
          for (const line of text.split(/\r?\n/)) {
            const heading = /^(#{1,3})\s+(.*)$/.exec(line);
            const item = /^\s{0,3}(?:([-*+])|\d{1,9}[.)])\s+(.*)$/.exec(line);
            if (!item) list = null;
            if (heading) { close(); root.append(inline(heading[2], 'h' + (heading[1].length + 3))); }
            else if (item) {
              close();
              const kind = item[1] ? 'UL' : 'OL';
              if (!list || list.tagName !== kind) { list = make(kind.toLowerCase()); root.append(list); }
              list.append(inline(item[2], 'li'));
            } else if (!line.trim()) close();
            else paragraph.push(line);
          }
          close();
          return root;
        }
        // The buttons, from the front matter: only at the very beginning, in Italian or English, two at most.
        function splitFrontMatter(text) {
          const found = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text);
          if (!found) return { body: text, ctas: {} };
          const ctas = {};
          let language = null, name = null;
          for (const line of found[1].split(/\r?\n/)) {
            let m;
            if ((m = /^(it|en):\s*$/.exec(line))) { language = m[1]; name = null; ctas[language] = {}; }
            else if (language && (m = /^\s+(cta_[12]):\s*$/.exec(line))) { name = m[1]; ctas[language][name] = {}; }
            else if (name && (m = /^\s+(text|action):\s*(.*?)\s*$/.exec(line)))
              ctas[language][name][m[1]] = m[2].replace(/^(["'])(.*)\1$/, '$2');
          }
          return { body: text.slice(found[0].length), ctas };
        }

        """#
}
