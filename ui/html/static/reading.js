// For every page: what a button with data-kg does. Cite, copy, keep in a set, export what is ticked. Nothing
// is kept in the browser but the citation style that was chosen, by its name.
(() => {
  const YEAR_S = 31536000;
  const ARRIVAL_MS = 20000;
  const LOOK_MS = 2000;
  const zh = () => document.documentElement.lang.startsWith('zh');
  const say = (en, cn) => (zh() ? cn : en);

  // kept when the page has opened its address: what is asked before waits for it
  window.kgArrived = new Promise((arrive) => {
    window.kgArrive = arrive;
    setTimeout(arrive, ARRIVAL_MS);
  });

  const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1];
  const style = (near) => near?.closest('.kg-sources, .kg-turn, main, .gradio-container')
    ?.querySelector('[data-kg-style]')?.value || cookie('kgrag_style') || (zh() ? 'gb-t-7714' : 'apa');

  const told = (target, text) => {
    const before = target.dataset.before ?? target.textContent;
    target.dataset.before = before;
    target.textContent = text;
    setTimeout(() => { target.textContent = before; }, 1800);
  };

  const toClipboard = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) {
      const area = document.createElement('textarea');
      area.value = text;
      (document.querySelector('dialog[open]') || document.body).append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };

  // A dialog in the middle of the page; Escape and the button close it, and the focus goes back.
  const dialog = (title) => {
    const box = document.createElement('dialog');
    box.className = 'kg-dialog';
    box.setAttribute('aria-label', title);
    const head = document.createElement('h2');
    head.textContent = title;
    const close = document.createElement('button');
    close.type = 'button';
    close.className = 'kg-button';
    close.textContent = say('Close', '关闭');
    close.addEventListener('click', () => box.close());
    const body = document.createElement('div');
    const foot = document.createElement('div');
    foot.className = 'kg-row';
    foot.append(close);
    box.append(head, body, foot);
    box.addEventListener('close', () => box.remove());
    document.body.append(box);
    box.showModal();
    return { box, body, foot };
  };

  const paragraph = (text, kind) => {
    const made = document.createElement('p');
    made.className = kind || '';
    made.textContent = text;
    return made;
  };

  const asked = async (path, options) => {
    const found = await fetch(path, options);
    if (found.redirected && found.url.includes('/login')) throw new Error(say('Log in again.', '请重新登录。'));
    if (!found.ok) {
      const problem = await found.json().catch(() => ({}));
      throw new Error(problem.detail || String(found.status));
    }
    return found;
  };

  const several = (name, ids) => ids.map((one) => `${name}=${encodeURIComponent(one)}`).join('&');

  const cite = async (target, ids) => {
    const found = await asked(`/reading/cite?style=${style(target)}&${several('document', ids)}`);
    const text = (await found.text()).trim();
    await toClipboard(text);
    const { body } = dialog(say('Copied to the clipboard', '已复制到剪贴板'));
    text.split('\n').forEach((line) => body.append(paragraph(line, 'kg-quote')));
  };

  const copy = async (target) => {
    const id = encodeURIComponent(target.dataset.answer);
    const found = await asked(`/reading/copy/${id}?style=${style(target)}`);
    await toClipboard(await found.text());
    told(target, say('Copied ✓', '已复制 ✓'));
  };

  const link = async (target) => {
    await toClipboard(location.origin + (target.dataset.path || location.pathname + location.search));
    told(target, say('Address copied ✓', '地址已复制 ✓'));
  };

  const field = (label, input) => {
    const made = document.createElement('label');
    made.className = 'kg-field';
    made.append(label, input);
    return made;
  };

  const add = async (target, ids) => {
    const listed = await (await asked('/reading/sets')).json();
    const { box, body, foot } = dialog(say('Add to a set', '加入文集'));
    const chosen = document.createElement('select');
    listed.sets.forEach((one) => chosen.add(new Option(`${one.name} (${one.items})`, one.id)));
    chosen.add(new Option(say('A new set …', '新建文集……'), ''));
    const name = document.createElement('input');
    name.maxLength = 200;
    name.className = chosen.className = 'kg-input';
    const named = field(say('Name of the new set', '新文集的名称'), name);
    named.hidden = chosen.value !== '';
    chosen.addEventListener('change', () => { named.hidden = chosen.value !== ''; });
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'kg-button kg-strong';
    button.textContent = say('Add', '加入');
    const put = async () => {
      try {
        const sent = { set: chosen.value, name: name.value, items: ids };
        const kept = await (await asked('/reading/sets', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(sent),
        })).json();
        body.replaceChildren(paragraph(kept.said));
        const open = document.createElement('a');
        open.href = `/sets/${kept.id}`;
        open.className = 'kg-button kg-strong';
        open.textContent = say('Open the set', '打开文集');
        button.replaceWith(open);
        open.focus();
      } catch (error) {
        body.append(paragraph(error.message, 'kg-error'));
      }
    };
    button.addEventListener('click', put);
    name.addEventListener('keydown', (event) => { if (event.key === 'Enter') put(); });
    body.append(field(say('Set', '文集'), chosen), named);
    foot.prepend(button);
    (named.hidden ? chosen : name).focus();
    box.addEventListener('close', () => target.focus());
  };

  const ticked = (target) => {
    const list = target.closest('[data-kg-list]') || document;
    return [...list.querySelectorAll('input[data-kg-tick]:checked')].map((one) => one.value);
  };

  const count = (list) => {
    const n = list.querySelectorAll('input[data-kg-tick]:checked').length;
    list.querySelectorAll('[data-kg-needs]').forEach((one) => { one.disabled = !n; });
    list.querySelectorAll('[data-kg-count]').forEach((one) => { one.textContent = String(n); });
  };

  // How far the batch is that is being read; when it is done the page is shown anew, unless one has asked.
  const follow = async (line) => {
    for (;;) {
      const { reading } = await (await asked('/reading/state')).json();
      if (!reading || !line.isConnected) break;
      const { done, of } = reading;
      line.textContent = say(`${done} of ${of} files are read …`, `已读入 ${done} / ${of} 个文件……`);
      await new Promise((go) => { setTimeout(go, LOOK_MS); });
    }
    if (line.isConnected && !document.querySelector('#kg-transcript .kg-turn')) location.reload();
  };

  const sample = async (target) => {
    target.disabled = true;
    await asked('/reading/sample', { method: 'POST' });
    const line = paragraph(say('Reading …', '正在读入……'), 'kg-told');
    line.setAttribute('role', 'status');
    target.closest('ol').after(line);
    follow(line).catch(() => {});
  };

  // Goes to a tab and writes into its field, so that Gradio hears of it.
  const fill = (tab, field, text) => {
    document.querySelector(`[role=tab][data-tab-id=${tab}]`)?.click();
    const box = document.querySelector(`${field} textarea, ${field} input`);
    if (!box) return false;
    const kind = box.tagName === 'TEXTAREA' ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(box, text);
    box.dispatchEvent(new Event('input', { bubbles: true }));
    return true;
  };

  // Whoever is not logged in any more is told so once, with the way back; what they typed stays in its field.
  let ended = false;
  const fetched = window.fetch;
  window.fetch = async (...given) => {
    const answer = await fetched(...given);
    if (answer.status === 401 && !ended) {
      ended = true;
      const { box, body } = dialog(say('Your session ended', '会话已结束'));
      const link = document.createElement('a');
      link.href = '/login';
      link.target = '_blank';
      link.rel = 'noopener';
      link.className = 'kg-button kg-strong';
      link.textContent = say('Log in', '登录');
      const kept = say(
        'What you typed is still here. Log in in the new tab, close this, and send it again.',
        '您输入的内容仍在此处。请在新标签页登录，关闭此提示后重新发送。',
      );
      body.append(paragraph(kept), link);
      link.focus();
      box.addEventListener('close', () => { ended = false; });
    }
    return answer;
  };

  const ACTS = {
    cite,
    copy,
    link,
    add,
    export: (target, ids) => {
      location.href = `/reading/export/${target.dataset.format}?${several('document', ids)}`;
    },
    sample,
    tour: () => window.kgTour(),
    only: (target, ids) => { location.href = `/?only=${encodeURIComponent(ids.join(' '))}`; },
    find: (target) => {
      if (fill('library', '#kg-sought', target.dataset.words)) {
        setTimeout(() => document.querySelector('#kg-find')?.click(), 150);
      }
    },
    'check-text': (target) => {
      const pasted = target.closest('.kg-turn').querySelector('[data-kg-pasted]');
      fill('check', '#kg-check-text', pasted.textContent);
    },
    enlarge: (target) => {
      const picture = target.querySelector('img');
      const { box, body } = dialog(picture.alt);
      box.classList.add('kg-large');
      const large = new Image();
      large.src = picture.src;
      large.alt = picture.alt;
      body.append(large);
    },
    all: (target) => {
      const list = target.closest('[data-kg-list]');
      const boxes = [...list.querySelectorAll('input[data-kg-tick]')];
      const on = boxes.some((one) => !one.checked);
      boxes.forEach((one) => { one.checked = on; });
      count(list);
    },
    show: (target) => {
      const list = target.closest('[data-kg-list]');
      const on = target.getAttribute('aria-pressed') !== 'true';
      list.querySelectorAll('[data-kg=show]').forEach((one) => one.setAttribute('aria-pressed', 'false'));
      target.setAttribute('aria-pressed', String(on));
      list.querySelectorAll('[data-kg-kind]').forEach((one) => {
        one.hidden = on && one.dataset.kgKind !== target.dataset.kind;
      });
    },
    report: (target) => {
      const list = target.closest('[data-kg-list]');
      const claims = [...list.querySelectorAll('[data-kg-kind]')];
      const rows = claims.map((one, n) => `${n + 1}. ${one.innerText.trim()}`);
      const text = [list.querySelector('[role=status]').innerText, ...rows].join('\n\n');
      const anchor = document.createElement('a');
      anchor.href = URL.createObjectURL(new Blob(['\ufeff', text, '\n'], { type: 'text/plain' }));
      anchor.download = 'kgrag-check.txt';
      anchor.click();
      URL.revokeObjectURL(anchor.href);
    },
    sort: (target) => {
      const cell = target.closest('th');
      const table = cell.closest('table');
      const place = [...cell.parentElement.children].indexOf(cell);
      const down = cell.getAttribute('aria-sort') === 'ascending';
      table.querySelectorAll('th').forEach((one) => one.removeAttribute('aria-sort'));
      cell.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const value = (row) => row.children[place].dataset.value ?? row.children[place].textContent.trim();
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => value(a).localeCompare(value(b), undefined, { numeric: true }) * (down ? -1 : 1));
      table.tBodies[0].append(...rows);
    },
  };
  const GIVEN = { cite: 1, add: 1, export: 1, only: 1 };

  document.addEventListener('click', async (event) => {
    const target = event.target.closest?.('[data-kg]');
    if (!target || target.disabled) return;
    event.preventDefault();
    const name = target.dataset.kg;
    const ids = target.dataset.ids ? target.dataset.ids.split(' ') : ticked(target);
    if (GIVEN[name] && !ids.length) return;
    try {
      await ACTS[name](target, ids);
    } catch (error) {
      dialog(say('It did not work', '出错了')).body.append(paragraph(error.message, 'kg-error'));
    }
  });
  document.addEventListener('change', (event) => {
    if (event.target.matches?.('[data-kg-style]')) {
      document.cookie = `kgrag_style=${event.target.value}; path=/; max-age=${YEAR_S}; samesite=lax`;
      document.querySelectorAll('[data-kg-style]').forEach((one) => { one.value = event.target.value; });
    }
    if (event.target.matches?.('input[data-kg-tick]')) {
      count(event.target.closest('[data-kg-list]') || document);
    }
    if (event.target.matches?.('select[data-kg-go]')) event.target.form.submit();
    if (event.target.matches?.('select[data-kg-export]') && event.target.value) {
      const ids = ticked(event.target);
      ACTS.export({ dataset: { format: event.target.value } }, ids);
      event.target.value = '';
    }
  });
  window.addEventListener('popstate', () => document.querySelector('#kg-revisit')?.click());
  document.addEventListener('submit', (event) => {
    const really = event.target.dataset?.really;
    if (really && !confirm(really)) event.preventDefault();
  });
  // a key that a button or choice names, unless somebody types
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const typed = event.target.matches?.('textarea, select, input:not([type=radio])');
    if (typed || !/^\w$/.test(event.key)) return;
    const target = document.querySelector(`[data-kg-key="${event.key.toLowerCase()}"]`);
    if (target && !target.disabled) {
      event.preventDefault();
      target.click();
    }
  });
  // a decision that is made offline waits in its page, and is sent once
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.dataset?.kgOffline || navigator.onLine) return;
    event.preventDefault();
    if (form.querySelector('.kg-error')) return;
    const told = paragraph(form.dataset.kgOffline, 'kg-error');
    told.setAttribute('role', 'alert');
    form.prepend(told);
    window.addEventListener('online', () => form.requestSubmit(event.submitter), { once: true });
  });
  new MutationObserver((changes) => {
    const chosen = cookie('kgrag_style');
    for (const change of changes) {
      for (const node of change.addedNodes) {
        node.querySelectorAll?.('[data-kg-reading]').forEach((line) => { follow(line).catch(() => {}); });
        if (chosen) node.querySelectorAll?.('[data-kg-style]').forEach((one) => {
          if ([...one.options].some((option) => option.value === chosen)) one.value = chosen;
        });
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
