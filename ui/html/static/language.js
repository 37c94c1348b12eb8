(language) => {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  document.title = language === 'zh' ? '向图书馆提问' : 'Ask the library';
  return language;
}
