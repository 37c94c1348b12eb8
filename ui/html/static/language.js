(language) => {
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  return language;
}
