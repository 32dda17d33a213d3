extension Page {
    static let script = #"""
        const words = {
          it: { skip: 'Vai alla posta', lead: 'Quello che i cittadini avrebbero ricevuto. Da qui non esce nulla.',
            messages: 'Messaggi IO', mails: 'E-mail', chats: 'Chat', refused: 'Rifiuti', offices: 'Uffici',
            noOffice: 'Nessun lavoro per gli uffici', who: 'Chi', noChat: 'Nessuna chat',
            template: 'Modello', phone: 'Telefono', code: 'Codice fiscale',
            back: '‹ Messaggi', sender: 'Il tuo Comune', mailbox: 'Posta', to: 'Destinatario', from: 'Da', date: 'Data',
            pick: 'Scegli una e-mail per leggerla.', text: 'Testo', raw: 'Sorgente', totals: 'Totali',
            language: 'Lingua',
            part: 'Parte da mostrare', gone: "Il contenuto di questa e-mail non c'è più.",
            lost: 'La sandbox non risponde: i dati qui sotto sono fermi.', nothing: 'Nessuna notifica',
            noMail: 'Nessuna e-mail',
            forgotten: "Il testo di questo messaggio non c'è più.", due: 'Scadenza: ', pay: 'Avviso di pagamento ',
            payNow: 'Paga', paid: 'Pagato', after: 'non pagabile dopo la scadenza',
            badCTA: 'Pulsante non valido', noSubject: '(senza oggetto)', news: 'Nuovo arrivo: ',
            rejected: n => n === 1 ? '1 messaggio accettato e poi rifiutato: non è arrivato sul telefono.'
              : n + ' messaggi accettati e poi rifiutati: non sono arrivati sul telefono.' },
          en: { skip: 'Go to the mailbox', lead: 'What citizens would have received. Nothing leaves from here.',
            messages: 'IO messages', mails: 'E-mails', chats: 'Chats', refused: 'Refusals', offices: 'Offices',
            noOffice: 'No work for offices', who: 'Who', noChat: 'No chats',
            template: 'Template', phone: 'Phone', code: 'Fiscal code',
            back: '‹ Messages', sender: 'Your municipality', mailbox: 'Mailbox', to: 'Recipient', from: 'From',
            date: 'Date',
            pick: 'Choose an e-mail to read it.', text: 'Text', raw: 'Source', totals: 'Totals', language: 'Language',
            part: 'Part to show', gone: 'The content of this e-mail is no longer kept.',
            lost: 'The sandbox does not answer: what you see below stands still.', nothing: 'No notifications',
            noMail: 'No e-mails', forgotten: 'The text of this message is no longer kept.', due: 'Due: ',
            pay: 'Payment notice ', payNow: 'Pay', paid: 'Paid', after: 'cannot be paid later', badCTA: 'Invalid button', noSubject: '(no subject)', news: 'Just arrived: ',
            rejected: n => n === 1 ? '1 message was accepted and then rejected: it did not reach the phone.'
              : n + ' messages were accepted and then rejected: they did not reach the phone.' },
        };
        const $ = id => document.getElementById(id);
        const keep = 200;
        let language = navigator.language.startsWith('it') ? 'it' : 'en';
        let messages = [], mails = [], chats = [], posts = [], openMail = null, openMessage = null, part = 'html', loaded = false;
        let totals = { messages: 0, mails: 0, chats: 0, office_posts: 0 };
        const t = name => words[language][name];
        const when = iso => new Date(iso).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
        const clock = iso => new Date(iso).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });

        function translate() {
          document.documentElement.lang = language;
          for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
          for (const node of document.querySelectorAll('[data-a]')) node.setAttribute('aria-label', t(node.dataset.a));
          for (const node of document.querySelectorAll('[data-language]'))
            node.setAttribute('aria-pressed', String(node.dataset.language === language));
          drawPushes(); drawMails(); drawChats(); drawOffices();
          if (openMessage) showMessage(openMessage, false);
          if (openMail) showMail(openMail, false);
        }

        // Redrawing the list must not take the focus away from the button that has it.
        function fill(list, entries, build, emptyText) {
          const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
          const known = new Set([...list.querySelectorAll('button')].map(b => b.dataset.key));
          const rows = entries.map(entry => {
            const row = make('li'), button = build(entry);
            if (loaded && !known.has(button.dataset.key)) row.className = 'fresh';
            row.append(button);
            return row;
          });
          list.replaceChildren(...(rows.length ? rows : [make('li', emptyText, 'empty')]));
          if (focused) [...list.querySelectorAll('button')].find(b => b.dataset.key === focused)?.focus();
        }

        function drawPushes() {
          const arrived = messages.filter(m => m.delivered);
          fill($('pushes'), arrived.slice(-keep).reverse(), m => {
            const button = make('button');
            button.type = 'button';
            button.dataset.key = m.id;
            const app = make('span', 'IO', 'app');
            app.setAttribute('aria-hidden', 'true');
            button.append(app, make('small', t('sender')), make('small', clock(m.at)), make('strong', m.subject),
              make('small', m.fiscal_code, 'code'));
            button.onclick = () => showMessage(m, true);
            return button;
          }, t('nothing'));
          const rejected = messages.length - arrived.length;
          $('rejected').hidden = !rejected;
          $('rejected').textContent = t('rejected')(rejected);
        }

        function showMessage(m, focus) {
          openMessage = m;
          const { body, ctas } = splitFrontMatter(m.markdown ?? t('forgotten'));
          $('m-subject').textContent = m.subject;
          $('m-meta').textContent = when(m.at) + ' · ' + m.fiscal_code;
          const facts = [];
          if (m.due_date) facts.push(t('due') + when(m.due_date));
          if (m.payment) facts.push(t('pay') + (m.payment.amount / 100).toLocaleString(language,
            { style: 'currency', currency: 'EUR' }) + ' · ' + m.payment.notice_number);
          if (m.payment && m.payment.invalid_after_due_date) facts.push(t('after'));
          $('m-pay').hidden = !m.payment;
          $('m-pay').disabled = m.paid;
          $('m-pay').textContent = t(m.paid ? 'paid' : 'payNow');
          $('m-pay').onclick = () => { m.paid = true; settle(m, { paid: true }); showMessage(m, false); };
          if (focus && m.read === 'UNREAD') { m.read = 'READ'; settle(m, { read: true }); }
          $('m-due').hidden = !facts.length;
          $('m-due').textContent = facts.join(' · ');
          $('m-body').replaceChildren(renderMarkdown(body));
          $('m-ctas').replaceChildren(...buttons(ctas));
          $('message').hidden = false;
          if (focus) { $('screen').scrollTop = 0; $('back').focus({ preventScroll: true }); }
        }

        // What the citizen does is what App IO then tells the sender of a premium message.
        function settle(m, what) {
          fetch('control/messages/' + m.id, { method: 'POST', body: JSON.stringify(what) })
            .catch(() => { $('lost').hidden = false; });
        }

        // Without Italian texts the app shows no button to people with a language other than English.
        function buttons(ctas) {
          const own = ctas[language] ?? ctas.it ?? {};
          return ['cta_1', 'cta_2'].filter(name => own[name]).map(name => {
            const target = (own[name].action ?? '').replace(/^iohandledlink:\/\//, '');
            const handled = (own[name].action ?? '').startsWith('iohandledlink://');
            const href = handled ? safeLink(target, ['https:', 'mailto:', 'tel:', 'sms:']) : null;
            if (!href) return make('span', t('badCTA') + ': ' + (own[name].text ?? ''));
            const link = make('a', own[name].text ?? '', name === 'cta_2' ? 'second' : '');
            link.href = href; link.target = '_blank'; link.rel = 'noopener noreferrer';
            return link;
          });
        }

        function drawMails() {
          fill($('mails'), mails.slice(-keep).reverse(), m => {
            const button = make('button');
            button.type = 'button';
            button.dataset.key = String(m.id);
            const time = make('time', clock(m.at));
            time.dateTime = m.at;
            button.append(make('span', m.to.join(', ')), time, make('strong', m.subject || t('noSubject')));
            if (openMail && openMail.id === m.id) button.setAttribute('aria-current', 'true');
            button.onclick = () => showMail(m, true);
            return button;
          }, t('noMail'));
        }

        function showMail(m, focus) {
          openMail = m;
          $('mail-empty').hidden = true;
          $('mail-open').hidden = false;
          $('e-subject').textContent = m.subject || t('noSubject');
          $('e-from').textContent = m.sender || m.from || '<>';
          $('e-to').textContent = m.to.join(', ');
          $('e-at').textContent = when(m.at);
          $('e-raw').href = 'api/mails/' + m.id;
          const shown = m[part] != null ? part : m.html != null ? 'html' : m.text != null ? 'text' : null;
          for (const name of ['html', 'text']) {
            $('t-' + name).disabled = m[name] == null;
            $('t-' + name).setAttribute('aria-pressed', String(shown === name));
            $('e-' + name).hidden = shown !== name;
          }
          $('e-gone').hidden = shown !== null;
          if ($('e-html').srcdoc !== (m.html ?? '')) $('e-html').srcdoc = m.html ?? '';
          $('e-text').textContent = m.text ?? '';
          for (const button of $('mails').querySelectorAll('button'))
            button.toggleAttribute('aria-current', false), button.dataset.key === String(m.id)
              && button.setAttribute('aria-current', 'true');
          if (focus) $('mail').focus({ preventScroll: innerWidth > 960 });
        }

        function drawChats() {
          const rows = chats.slice().reverse().map(c => {
            const row = make('li');
            const said = [c.messenger + ' · ' + c.chat, clock(c.at)];
            if (c.template) said.push(t('template') + ': ' + c.template);
            row.append(make('small', said.join(' · ')), c.text);
            if (c.buttons.length) row.append(make('br'));
            for (const button of c.buttons) {
              const shown = make('span', button.title, 'button');
              shown.title = button.act;
              row.append(shown);
            }
            return row;
          });
          $('chats').replaceChildren(...(rows.length ? rows : [make('li', t('noChat'), 'empty')]));
        }

        function drawOffices() {
          const rows = posts.slice().reverse().map(p => {
            const row = make('li');
            row.append(make('small', [p.office, p.type, clock(p.at)].join(' · ')),
              (p.ticket ?? '') + ' ' + (p.body?.data?.text ?? ''));
            return row;
          });
          $('offices').replaceChildren(...(rows.length ? rows : [make('li', t('noOffice'), 'empty')]));
        }

        async function get(path) {
          const answer = await fetch(path, { cache: 'no-store' });
          if (!answer.ok) throw new Error(path + ': ' + answer.status);
          return answer.json();
        }

        // What came since the last look; after a reset, or with another filter, everything anew.
        async function more(list, path, key, value, number) {
          const query = new URLSearchParams({ limit: String(keep) });
          if (value) query.set(key, value);
          const last = list.length ? list[list.length - 1][number] : 0;
          if (last) query.set('since', String(last));
          const fresh = await get(path + '?' + query);
          return { list: list.concat(fresh).slice(-keep), fresh };
        }

        async function poll() {
          try {
            const counts = await get('api/counts');
            if (counts.mails < totals.mails || counts.messages < totals.messages || counts.chats < totals.chats
              || counts.office_posts < totals.office_posts) {
              mails = []; messages = []; chats = []; posts = []; }
            totals = counts;
            const code = $('f-code').value.trim().toUpperCase(), to = $('f-to').value.trim();
            const io = await more(messages, 'api/messages', 'fiscal_code', code, 'number');
            const post = await more(mails, 'api/mails', 'to', to, 'id');
            const talk = await more(chats, 'api/chats', 'chat', $('f-chat').value.trim(), 'number');
            const told = await more(posts, 'api/offices', 'office', '', 'number');
            messages = io.list; mails = post.list; chats = talk.list; posts = told.list;
            const refusals = Object.values(counts.refused).reduce((a, b) => a + b, 0);
            const shown = { 'n-messages': counts.messages, 'n-mails': counts.mails, 'n-chats': counts.chats,
              'n-offices': counts.office_posts, 'n-refused': refusals };
            for (const id in shown) $(id).textContent = shown[id].toLocaleString(language);
            if (io.fresh.length || !loaded || !messages.length) drawPushes();
            if (post.fresh.length || !loaded || !mails.length) drawMails();
            if (talk.fresh.length || !loaded || !chats.length) drawChats();
            if (told.fresh.length || !loaded || !posts.length) drawOffices();
            const latest = post.fresh.at(-1) ?? io.fresh.filter(m => m.delivered).at(-1);
            if (loaded && latest) $('news').textContent = t('news') + latest.subject;
            loaded = true;
            $('lost').hidden = true;
          } catch { $('lost').hidden = false; }
          $('clock').textContent = clock(Date.now());
        }
        let running = Promise.resolve();
        const again = () => { running = running.then(poll); };
        for (const id of ['f-code', 'f-to', 'f-chat']) $(id).oninput = () => running = running.then(() => {
          messages = []; mails = []; chats = []; posts = []; loaded = false; return poll(); });
        for (const button of document.querySelectorAll('[data-language]'))
          button.onclick = () => { language = button.dataset.language; translate(); };
        for (const button of document.querySelectorAll('[data-part]'))
          button.onclick = () => { part = button.dataset.part; if (openMail) showMail(openMail, false); };
        $('back').onclick = () => {
          const id = openMessage?.id;
          openMessage = null;
          $('message').hidden = true;
          [...$('pushes').querySelectorAll('button')].find(b => b.dataset.key === id)?.focus();
        };
        translate();
        again();
        (function tick() { setTimeout(() => { running = running.then(poll).then(tick); }, 1000); })();

        """#
}
