/** What an invitation says around what is in it. */
export interface InvitationWords {
  readonly invited: string;
  readonly when: string;
  readonly dial: string;
  readonly number: string;
  readonly pin: string;
  readonly ownPin: string;
  readonly link: string;
  readonly keys: string;
  /** Of a conference that has no name. */
  readonly conference: string;
}

const words: Readonly<Record<string, InvitationWords>> = {
  en: {
    invited: 'You are invited to:',
    when: 'When:',
    dial: 'Dial:',
    number: 'Conference number:',
    pin: 'PIN:',
    ownPin: 'This PIN is yours alone; please do not pass it on.',
    link: 'All about it:',
    keys: 'Keys during the conference:',
    conference: 'Telephone conference',
  },
  de: {
    invited: 'Sie sind eingeladen zu:',
    when: 'Wann:',
    dial: 'Einwahl:',
    number: 'Konferenznummer:',
    pin: 'PIN:',
    ownPin: 'Diese PIN gehört Ihnen allein; bitte geben Sie sie nicht weiter.',
    link: 'Alles dazu:',
    keys: 'Tasten während der Konferenz:',
    conference: 'Telefonkonferenz',
  },
  fr: {
    invited: 'Vous êtes invité à :',
    when: 'Quand :',
    dial: 'Composez :',
    number: 'Numéro de conférence :',
    pin: 'Code :',
    ownPin: 'Ce code vous est personnel ; merci de ne pas le transmettre.',
    link: 'Tous les détails :',
    keys: 'Touches pendant la conférence :',
    conference: 'Conférence téléphonique',
  },
  es: {
    invited: 'Está invitado a:',
    when: 'Cuándo:',
    dial: 'Llame al:',
    number: 'Número de conferencia:',
    pin: 'PIN:',
    ownPin: 'Este PIN es solo suyo; no lo comparta, por favor.',
    link: 'Todos los detalles:',
    keys: 'Teclas durante la conferencia:',
    conference: 'Conferencia telefónica',
  },
  pt: {
    invited: 'Está convidado para:',
    when: 'Quando:',
    dial: 'Ligue para:',
    number: 'Número da conferência:',
    pin: 'PIN:',
    ownPin: 'Este PIN é só seu; por favor, não o partilhe.',
    link: 'Todos os detalhes:',
    keys: 'Teclas durante a conferência:',
    conference: 'Conferência telefónica',
  },
  it: {
    invited: 'Lei è invitato a:',
    when: 'Quando:',
    dial: 'Chiami:',
    number: 'Numero della conferenza:',
    pin: 'PIN:',
    ownPin: 'Questo PIN è solo suo; non lo comunichi ad altri.',
    link: 'Tutti i dettagli:',
    keys: 'Tasti durante la conferenza:',
    conference: 'Conferenza telefonica',
  },
  ru: {
    invited: 'Вас приглашают:',
    when: 'Когда:',
    dial: 'Позвоните:',
    number: 'Номер конференции:',
    pin: 'ПИН-код:',
    ownPin: 'Этот ПИН-код только ваш; пожалуйста, никому его не передавайте.',
    link: 'Подробности:',
    keys: 'Клавиши во время конференции:',
    conference: 'Телефонная конференция',
  },
  zh: {
    invited: '邀请您参加：',
    when: '时间：',
    dial: '拨打：',
    number: '会议号码：',
    pin: 'PIN 码：',
    ownPin: '此 PIN 码仅供您本人使用，请勿转告他人。',
    link: '详细信息：',
    keys: '会议期间的按键：',
    conference: '电话会议',
  },
  ja: {
    invited: '次の会議にご招待します：',
    when: '日時：',
    dial: '電話番号：',
    number: '会議番号：',
    pin: '暗証番号：',
    ownPin: 'この暗証番号はあなた専用です。他の方には教えないでください。',
    link: '詳細：',
    keys: '会議中のキー操作：',
    conference: '電話会議',
  },
  ar: {
    invited: 'أنت مدعو إلى:',
    when: 'الموعد:',
    dial: 'اتصل بـ:',
    number: 'رقم المؤتمر:',
    pin: 'الرقم السري:',
    ownPin: 'هذا الرقم السري خاص بك وحدك؛ يرجى عدم مشاركته.',
    link: 'كل التفاصيل:',
    keys: 'المفاتيح أثناء المؤتمر:',
    conference: 'مؤتمر هاتفي',
  },
};

/** The languages of invitations: primary subtags. */
export const INVITATION_LANGUAGES: readonly string[] = Object.keys(words);

/** The words of a language; English for one that there is not. */
export const invitationWords = (language: string): InvitationWords =>
  words[language.toLowerCase().split('-')[0] ?? ''] ?? (words['en'] as InvitationWords);
